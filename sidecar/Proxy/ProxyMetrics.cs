using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace TokenBroker.Proxy;

/// <summary>What requests tell the outside. Labels are bounded: configured accounts, methods, statuses, reasons.</summary>
internal sealed class ProxyMetrics
{
    public const string Name = "TokenBroker.Proxy";

    private static readonly ActivitySource Activities = new(Name);

    private readonly Histogram<double> _duration;
    private readonly UpDownCounter<long> _active;
    private readonly Counter<long> _denials;
    private readonly TimeProvider _time;

    public ProxyMetrics(IMeterFactory meters, TimeProvider time)
    {
        _time = time;
        var meter = meters.Create(Name);
        _duration = meter.CreateHistogram<double>("tokenbroker.proxy.request.duration", "s", "Time from a request's headers to the end of its answer.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 60, 600] });
        _active = meter.CreateUpDownCounter<long>("tokenbroker.proxy.active_requests", "{request}", "Requests in flight.");
        _denials = meter.CreateCounter<long>("tokenbroker.policy.denials", "{denial}",
            "Requests, parts of batches and sources of copies that an account's policy refused (mode enforced), or would have (mode report).");
    }

    /// <param name="account">A configured account.</param>
    /// <param name="operation">The word of an operation.</param>
    /// <param name="reportOnly">True if it was not refused.</param>
    public void PolicyDenied(string account, string operation, bool reportOnly) =>
        _denials.Add(1, new("account", account), new("operation", operation), new("mode", reportOnly ? "report" : "enforced"));

    public Request Start(string method) => new(this, method);

    /// <summary>One request, from its start to its end.</summary>
    public sealed class Request
    {
        private readonly ProxyMetrics _metrics;
        private readonly string _method;
        private readonly long _started;
        private readonly Activity? _activity;

        public Request(ProxyMetrics metrics, string method)
        {
            (_metrics, _method) = (metrics, method);
            _started = metrics._time.GetTimestamp();
            _metrics._active.Add(1);
            _activity = Activities.StartActivity(KnownMethod(method), ActivityKind.Server);
        }

        /// <summary>A configured account; null until one was found.</summary>
        public string? Account { get; set; }

        /// <summary>What the request wants; null if that is not known, or nobody will be told.</summary>
        public RequestedOperation? Operation { get; set; }

        /// <summary>The refusal that the sidecar ended the request with; null if storage answered.</summary>
        public Refusal? Refusal { get; set; }

        /// <summary>The client went away before its answer was complete.</summary>
        public bool ClientGone { get; set; }

        public void End(int status)
        {
            _metrics._active.Add(-1);
            var tags = new TagList
            {
                { "account", Account ?? "none" },
                { "http.request.method", KnownMethod(_method) },
                { "http.response.status_code", ClientGone ? 499 : status },
                { "reason", ClientGone ? "client-gone" : Refusal?.Reason ?? "none" },
            };
            _metrics._duration.Record(_metrics._time.GetElapsedTime(_started).TotalSeconds, tags);
            foreach (var (key, value) in _activity is null ? default : tags)
                _activity!.SetTag(key, value);
            _activity?.Dispose();
        }

        /// <summary>Any other word could be made up by a caller, and labels are bounded.</summary>
        private static string KnownMethod(string method) =>
            method is "GET" or "HEAD" or "PUT" or "POST" or "DELETE" ? method : "_OTHER";
    }
}
