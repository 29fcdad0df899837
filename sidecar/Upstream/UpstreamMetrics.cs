using System.Diagnostics.Metrics;

namespace TokenBroker.Upstream;

/// <summary>Measures connections to storage, the bytes on them, and the difference between the clocks. The only label values are configured accounts and two directions.</summary>
internal sealed class UpstreamMetrics
{
    public const string Name = "TokenBroker.Upstream";

    private readonly Meter _meter;
    private readonly UpDownCounter<long> _connections;
    private readonly Counter<long> _bytes;

    public UpstreamMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(Name);
        _connections = _meter.CreateUpDownCounter<long>("tokenbroker.upstream.connections", "{connection}", "Open connections to storage, in use or idle.");
        _bytes = _meter.CreateCounter<long>("tokenbroker.upstream.io", "By", "Bytes sent to or received from storage (label direction), including headers, before encryption.");
    }

    /// <param name="account">A configured account.</param>
    /// <param name="change">1 for a connection that was opened, -1 for one that was closed.</param>
    public void Connected(string account, int change) => _connections.Add(change, new KeyValuePair<string, object?>("account", account));

    public void Sent(string account, int bytes) => _bytes.Add(bytes, new("account", account), new("direction", "sent"));

    public void Received(string account, int bytes) => _bytes.Add(bytes, new("account", account), new("direction", "received"));

    /// <param name="read">The current difference for each account, in seconds.</param>
    public void ObserveSkew(Func<IEnumerable<Measurement<double>>> read) => _meter.CreateObservableGauge("tokenbroker.clock.skew", read,
        "s", "How far this host's clock is ahead of storage's, to about a second; negative if it is behind.");
}
