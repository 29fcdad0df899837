using System.Diagnostics;
using System.Diagnostics.Metrics;
using TokenBroker.Configuration;

namespace TokenBroker.Proxy.Telemetry;

/// <summary>
/// The metrics of requests. The number of label values is limited: configured accounts, methods, statuses and fixed sets of
/// words.
/// </summary>
internal sealed class ProxyMetrics
{
    public const string Name = "TokenBroker.Proxy";

    public static readonly ActivitySource Activities = new(Name);

    private static readonly double[] Durations = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 60, 600];

    /// <summary>Ten buckets per decade, so that a median from the buckets is exact to a tenth.</summary>
    private static readonly double[] Overheads =
    [
        .. new[] { 1e-5, 1e-4, 1e-3, 1e-2 }.SelectMany(decade => new[] { 1, 1.25, 1.6, 2, 2.5, 3.15, 4, 5, 6.3, 8 }.Select(step => decade * step)),
        0.1, 0.2, 0.5, 1, 10,
    ];

    private readonly Counter<long> _requests;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _overhead;
    private readonly Histogram<double> _tokenWait;
    private readonly UpDownCounter<long> _active;
    private readonly UpDownCounter<long> _waiting;
    private readonly Counter<long> _denials;
    private readonly Counter<long> _retries;

    public ProxyMetrics(IMeterFactory meters, TimeProvider time)
    {
        Time = time;
        var meter = meters.Create(Name);
        _requests = meter.CreateCounter<long>("tokenbroker.proxy.requests", "{request}",
            "Completed requests, by operation and by who failed: none, client (every 4xx, and closed connections), sidecar or storage.");
        _duration = Histogram("tokenbroker.proxy.request.duration", "Time from receiving a request's headers to the end of its answer.", Durations);
        _overhead = Histogram("tokenbroker.proxy.overhead",
            "Time that the sidecar added to a forwarded request: from its arrival until it was handed to the HTTP client (without waits for a token or for a gathered body), and from storage's response headers to the start of the response.",
            Overheads);
        _tokenWait = Histogram("tokenbroker.proxy.token_wait", "Time that a request waited for a token. Requests that did not have to wait are not counted.", Durations);
        _active = meter.CreateUpDownCounter<long>("tokenbroker.proxy.active_requests", "{request}", "Requests in flight.");
        _waiting = meter.CreateUpDownCounter<long>("tokenbroker.proxy.waiting_requests", "{request}", "Requests in flight that wait for a token.");
        _denials = meter.CreateCounter<long>("tokenbroker.policy.denials", "{denial}",
            "Requests, parts of batches and sources of copies that an account's policy refused (mode enforced) or would have refused (mode report).");
        _retries = meter.CreateCounter<long>("tokenbroker.upstream.retries", "{retry}",
            "Requests that the sidecar sent to storage again: reason connection-lost (a reused connection ended before the answer) or token-replaced (storage said that the token has expired).");

        Histogram<double> Histogram(string name, string meaning, double[] boundaries) =>
            meter.CreateHistogram<double>(name, "s", meaning, advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = boundaries });
    }

    public TimeProvider Time { get; }

    public Exchange Start(HttpContext context)
    {
        _active.Add(1);
        return new(this, context);
    }

    /// <summary>The word of <see cref="BlobOperationWords"/> for a request's first operation.</summary>
    public static string Word(BlobOperations? operations) => operations is { } known ? known.First().Word() : "none";

    public void Ended(string account, BlobOperations? operations, FailedBy failedBy, string method, int status, string reason, TimeSpan duration)
    {
        _active.Add(-1);
        _requests.Add(1, new TagList
        {
            { "account", account },
            { "operation", Word(operations) },
            { "status_class", ClassOf(status) },
            { "failed_by", Word(failedBy) },
        });
        _duration.Record(duration.TotalSeconds, new TagList
        {
            { "account", account },
            { "http.request.method", method },
            { "http.response.status_code", status },
            { "reason", reason },
        });
    }

    private static string Word(FailedBy failedBy) => failedBy switch
    {
        FailedBy.Client => "client",
        FailedBy.Sidecar => "sidecar",
        FailedBy.Storage => "storage",
        _ => "none",
    };

    /// <summary>The class of a status, without a new string for each request.</summary>
    private static string ClassOf(int status) => (status / 100) switch { 2 => "2xx", 3 => "3xx", 4 => "4xx", 5 => "5xx", var other => $"{other}xx" };

    public void Added(string account, TimeSpan overhead) => _overhead.Record(overhead.TotalSeconds, new KeyValuePair<string, object?>("account", account));

    public void BeginTokenWait(string account) => _waiting.Add(1, new KeyValuePair<string, object?>("account", account));

    public void EndTokenWait(string account, TimeSpan waited)
    {
        _waiting.Add(-1, new KeyValuePair<string, object?>("account", account));
        _tokenWait.Record(waited.TotalSeconds, new KeyValuePair<string, object?>("account", account));
    }

    /// <param name="account">A configured account.</param>
    /// <param name="reason">connection-lost or token-replaced.</param>
    public void Retried(string account, string reason) => _retries.Add(1, new("account", account), new("reason", reason));

    /// <param name="account">A configured account.</param>
    /// <param name="operation">The word of an operation.</param>
    /// <param name="reportOnly">True if it was not refused.</param>
    public void PolicyDenied(string account, string operation, bool reportOnly) =>
        _denials.Add(1, new("account", account), new("operation", operation), new("mode", reportOnly ? "report" : "enforced"));
}
