using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using TokenBroker.Proxy.Policy;

namespace TokenBroker.Proxy.Telemetry;

/// <summary>
/// One request, from its start to its end: its result, and how much time the sidecar added: from its headers to those sent
/// to storage, without waiting for a token and without buffering the body, and from storage's headers to those sent to the
/// client.
/// </summary>
internal sealed class MeasuredRequest
{
    /// <summary>The request in whose execution flow a connection to storage writes.</summary>
    private static readonly AsyncLocal<MeasuredRequest?> Flow = new();

    private readonly ProxyMetrics _metrics;
    private readonly string _method;
    private readonly long _started;
    private readonly Activity? _activity;
    private Activity? _sending;
    private UpstreamConnection? _connection;
    private ClientConnection? _client;
    private TimeSpan _waited;
    private long _began, _sent, _answered;
    private int _times;

    public MeasuredRequest(ProxyMetrics metrics, HttpRequest request)
    {
        (_metrics, _method) = (metrics, KnownMethod(request.Method));
        _started = metrics.Time.GetTimestamp();
        _activity = ProxyMetrics.Activities.HasListeners()
            ? ProxyMetrics.Activities.StartActivity(_method, ActivityKind.Server, ParentOf(request.Headers))
            : null;
    }

    /// <summary>A configured account; null until one was found.</summary>
    public string? Account { get; set; }

    /// <summary>The operation of the request, as it was checked; null if the request was refused before that.</summary>
    public RequestedOperation? Operation { get; set; }

    /// <summary>
    /// The refusal that ended the request, or would have ended it if the answer had not begun; null if storage answered.
    /// </summary>
    public Refusal? Refusal { get; set; }

    /// <summary>When the client may come back, if the refusal says so.</summary>
    public TimeSpan? RetryAfter { get; set; }

    /// <summary>The client closed the connection before its answer was complete.</summary>
    public bool ClientGone { get; set; }

    /// <summary>The request that the running code sends to storage, if it does.</summary>
    public static MeasuredRequest? Current => Flow.Value;

    /// <summary>Records a token, and the time to wait for it if it was not ready.</summary>
    public ValueTask<T> TokenAsync<T>(ValueTask<T> reading)
    {
        return reading.IsCompleted ? reading : WaitAsync();

        async ValueTask<T> WaitAsync()
        {
            var began = _metrics.Time.GetTimestamp();
            _metrics.BeginTokenWait(Account!);
            try
            {
                return await reading;
            }
            finally
            {
                var waited = _metrics.Time.GetElapsedTime(began);
                _waited += waited;
                _metrics.EndTokenWait(Account!, waited);
            }
        }
    }

    /// <summary>Time that belongs to the client and not to the sidecar: the rest of its body.</summary>
    public async ValueTask<T> WithoutAsync<T>(Task<T> something)
    {
        if (something.IsCompleted)
            return await something;
        var began = _metrics.Time.GetTimestamp();
        var result = await something;
        _waited += _metrics.Time.GetElapsedTime(began);
        return result;
    }

    /// <summary>From here on, this flow sends the request to storage.</summary>
    public void BeginSending(HttpContext context, Uri storage)
    {
        Flow.Value = this;
        _times++;
        _connection = null;
        _sent = 0;
        _began = _metrics.Time.GetTimestamp();
        if (_times == 1)
        {
            _client = context.Features.GetRequiredFeature<ClientConnection>();
            context.Response.OnStarting(static client => ((ClientConnection)client).ExpectAsync(), _client);
            context.Response.OnCompleted(static measured => ((MeasuredRequest)measured).EndAnswer(), this);
        }

        _sending = ProxyMetrics.Activities.HasListeners() ? ProxyMetrics.Activities.StartActivity($"{_method} storage", ActivityKind.Client) : null;
        _sending?.SetTag("server.address", storage.Host).SetTag("server.port", storage.Port).SetTag("http.request.method", _method);
    }

    /// <summary>A connection is about to write. Its first bytes are the headers.</summary>
    public void Writing(UpstreamConnection connection)
    {
        if (_connection == connection)
            return;
        if (_connection is not null)
            _times++; // HttpClient tried another by itself
        (_connection, _sent) = (connection, 0);
        connection.Begin();
    }

    /// <summary>A connection wrote something.</summary>
    public void Wrote(UpstreamConnection connection)
    {
        if (_sent == 0)
            _sent = connection.LastMoved;
    }

    /// <summary>
    /// The request was sent on a reused connection, and no byte of an answer has arrived: storage may have closed the idle
    /// connection before it received the request.
    /// </summary>
    public bool HadKeptConnection => _connection is { HasAnswer: false } connection && (connection.WasUsed || connection.OpenedAt < _began);

    /// <summary>
    /// Storage's answer has arrived. Must be called at once, because its connection may soon serve another request.
    /// </summary>
    public void Answered(int status)
    {
        _answered = _connection?.LastMoved ?? 0;
        _sending?.SetTag("http.response.status_code", status);
        if (status >= StatusCodes.Status400BadRequest)
            _sending?.SetStatus(ActivityStatusCode.Error);
    }

    /// <param name="error">What failed, as a word; null if nothing did.</param>
    public void EndSending(string? error)
    {
        if (error is not null)
            _sending?.SetTag("error.type", error).SetStatus(ActivityStatusCode.Error);
        _sending?.Dispose();
        _sending = null;
    }

    public void End(HttpContext context)
    {
        var status = ClientGone ? StatusCodes.Status499ClientClosedRequest : context.Response.StatusCode;
        var reason = ClientGone ? "client-gone" : Refusal?.Reason ?? "none";
        _metrics.Ended(Account ?? "none", Operation?.Operations, Failure(status), _method, status, reason, _metrics.Time.GetElapsedTime(_started));
        if (_activity is null)
            return;
        _activity.SetTag("tokenbroker.account", Account ?? "none").SetTag("http.request.method", _method).SetTag("http.response.status_code", status)
            .SetTag("tokenbroker.reason", reason).SetTag("tokenbroker.operation", ProxyMetrics.Word(Operation?.Operations));
        SetId(context.Request.Headers, RequestIds.Client, "http.request.header." + RequestIds.Client);
        SetId(context.Response.Headers, RequestIds.Storage, "http.response.header." + RequestIds.Storage);
        if (status >= StatusCodes.Status500InternalServerError || Refusal?.Status >= StatusCodes.Status500InternalServerError)
            _activity.SetStatus(ActivityStatusCode.Error, reason);
        _activity.Dispose();
    }

    private FailedBy Failure(int status) =>
        Refusal is { } refusal && !ClientGone ? refusal.FailedBy
        : status >= StatusCodes.Status500InternalServerError ? FailedBy.Storage
        : status >= StatusCodes.Status400BadRequest ? FailedBy.Client
        : FailedBy.None;

    /// <summary>
    /// Runs after the request's end, because the server sends an answer without a body by itself. Requests that were sent
    /// twice are not measured, because their times cannot be separated; aborted requests are not measured either.
    /// </summary>
    private Task EndAnswer()
    {
        // A flush before storage's answer belongs to an earlier answer, or is a 100 Continue.
        if (_times == 1 && _answered != 0 && _client!.Flushed >= _answered && Refusal is null && !ClientGone)
            _metrics.Added(Account!, _metrics.Time.GetElapsedTime(_started, _sent) + _metrics.Time.GetElapsedTime(_answered, _client.Flushed) - _waited);
        return Task.CompletedTask;
    }

    private void SetId(IHeaderDictionary headers, string name, string attribute)
    {
        if (RequestIds.Of(headers, name) is { } id)
            _activity!.SetTag(attribute, new[] { id });
    }

    private static ActivityContext ParentOf(IHeaderDictionary headers) =>
        ActivityContext.TryParse(headers.TraceParent, headers.TraceState, isRemote: true, out var parent) ? parent : default;

    /// <summary>A caller could invent any other word, and the number of label values must be limited.</summary>
    private static string KnownMethod(string method) =>
        method is "GET" or "HEAD" or "PUT" or "POST" or "DELETE" ? method : "_OTHER";
}
