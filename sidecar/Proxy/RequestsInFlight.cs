using System.Threading.RateLimiting;
using TokenBroker.Configuration;

namespace TokenBroker.Proxy;

/// <summary>
/// A place for each request, as many as are configured. Nobody queues: a client that is told to come back does so, and one
/// that waits holds a connection.
/// </summary>
internal sealed class RequestsInFlight(BrokerOptions options) : IDisposable
{
    private readonly ConcurrencyLimiter _places = new(new() { PermitLimit = options.MaxRequests, QueueLimit = 0 });

    public long Count => options.MaxRequests - _places.GetStatistics()!.CurrentAvailablePermits;

    /// <returns>A place to give back, if there was one.</returns>
    public RateLimitLease Enter() => _places.AttemptAcquire();

    public void Dispose() => _places.Dispose();
}
