using System.Diagnostics;
using TokenBroker.Proxy.Bodies;
using TokenBroker.Proxy.Policy;
using TokenBroker.Proxy.Telemetry;

namespace TokenBroker.Proxy;

/// <summary>
/// The state of one request, from the first step to the last log line: its result, what it holds, and the time that the sidecar
/// added. That is the time until the forwarder is called, without waits for a token or for a gathered body, and the time from
/// storage's headers to the start of the response. Decision 14 says what this leaves out.
/// </summary>
internal sealed class Exchange
{
    private readonly ProxyMetrics _metrics;
    private readonly string _method;
    private readonly long _started;
    private readonly Activity? _activity;
    private Activity? _sending;
    private TimeSpan _waited;
    private long _sent, _answered, _responded;
    private int _times;

    public Exchange(ProxyMetrics metrics, HttpContext context)
    {
        var request = context.Request;
        (Context, _metrics, _method) = (context, metrics, KnownMethod(request.Method));
        _started = metrics.Time.GetTimestamp();
        _activity = ProxyMetrics.Activities.HasListeners()
            ? ProxyMetrics.Activities.StartActivity(_method, ActivityKind.Server, ParentOf(request.Headers))
            : null;
    }

    public HttpContext Context { get; }

    /// <summary>The slot that the request holds; null before its admission.</summary>
    public RequestSlot? Slot { get; set; }

    /// <summary>The body that the client sends; null if there is none.</summary>
    public WatchedBody? Body { get; set; }

    /// <summary>The reading of the request; null if it was refused before it named a configured account.</summary>
    public BlobRequest? Request { get; set; }

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

    /// <summary>The account as a label of metrics.</summary>
    private string Account => Request?.Account.Name ?? "none";

    /// <summary>Records a token, and the time to wait for it if it was not ready.</summary>
    public ValueTask<T> TokenAsync<T>(ValueTask<T> reading)
    {
        return reading.IsCompleted ? reading : WaitAsync();

        async ValueTask<T> WaitAsync()
        {
            var began = _metrics.Time.GetTimestamp();
            _metrics.BeginTokenWait(Account);
            try
            {
                return await reading;
            }
            finally
            {
                var waited = _metrics.Time.GetElapsedTime(began);
                _waited += waited;
                _metrics.EndTokenWait(Account, waited);
            }
        }
    }

    /// <summary>Waits for the rest of the client's body. This time is the client's and is excluded from the added time.</summary>
    public async ValueTask<T> ExcludeAsync<T>(Task<T> something)
    {
        if (something.IsCompleted)
            return await something;
        var began = _metrics.Time.GetTimestamp();
        var result = await something;
        _waited += _metrics.Time.GetElapsedTime(began);
        return result;
    }

    /// <summary>The request is about to be handed to the forwarder.</summary>
    public void BeginSending(Uri storage)
    {
        if (++_times == 1)
        {
            _sent = _metrics.Time.GetTimestamp();
            Context.Response.OnStarting(static exchange => ((Exchange)exchange).BeginResponse(), this);
            Context.Response.OnCompleted(static exchange => ((Exchange)exchange).EndResponse(), this);
        }

        _sending = ProxyMetrics.Activities.HasListeners() ? ProxyMetrics.Activities.StartActivity($"{_method} storage", ActivityKind.Client) : null;
        _sending?.SetTag("server.address", storage.Host).SetTag("server.port", storage.Port).SetTag("http.request.method", _method);
    }

    /// <summary>The forwarder has storage's answer, or more of it was read before it is relayed.</summary>
    public void Answered(int status)
    {
        _answered = _metrics.Time.GetTimestamp();
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

    /// <summary>The request has ended: its slot is free, and its result is counted.</summary>
    public void End()
    {
        Slot?.Dispose();
        var context = Context;
        var status = ClientGone ? StatusCodes.Status499ClientClosedRequest : context.Response.StatusCode;
        var reason = ClientGone ? "client-gone" : Refusal?.Reason ?? "none";
        _metrics.Ended(Account, Operation?.Operations, Failure(status), _method, status, reason, _metrics.Time.GetElapsedTime(_started));
        if (_activity is null)
            return;
        _activity.SetTag("tokenbroker.account", Account).SetTag("http.request.method", _method).SetTag("http.response.status_code", status)
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

    private Task BeginResponse()
    {
        _responded = _metrics.Time.GetTimestamp();
        return Task.CompletedTask;
    }

    /// <summary>
    /// Records the added time after the end of the request, since the server starts a response without a body only then. A
    /// request that was sent twice, refused or broken off is left out.
    /// </summary>
    private Task EndResponse()
    {
        if (_times == 1 && _answered != 0 && _responded != 0 && Refusal is null && !ClientGone)
            _metrics.Added(Account, _metrics.Time.GetElapsedTime(_started, _sent) + _metrics.Time.GetElapsedTime(_answered, _responded) - _waited);
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
