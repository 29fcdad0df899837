using TokenBroker.Configuration;
using TokenBroker.Limits;

namespace TokenBroker.Proxy;

/// <summary>
/// A slot for each request, as many as the limits allow. Requests do not queue: a rejected client retries, and one that waits
/// holds a connection.
/// </summary>
internal sealed class RequestsInFlight(BrokerOptions options, EffectiveLimits limits)
{
    private readonly SharedBudget _slots = new(limits.Requests, [.. options.Accounts.Select(account => account.Name)]);

    public long Count => _slots.Used;

    /// <param name="account">The account that the request is for.</param>
    /// <param name="slot">The slot to give back.</param>
    /// <returns>The refusal; null if there was a slot.</returns>
    public Refusal? TryEnter(string account, out RequestSlot? slot)
    {
        slot = null;
        if (!_slots.TryTake(account, 1))
            return _slots.Used >= _slots.Total ? Refusal.RequestsTooMany : Refusal.RequestsOfAccountTooMany;
        slot = new(_slots, account);
        return null;
    }
}

/// <summary>
/// The slot of one request in flight. Released when the request ends, or when it is refused, because the client may read
/// the refusal slowly.
/// </summary>
internal sealed class RequestSlot(SharedBudget slots, string account) : IDisposable
{
    private int _returned;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _returned, 1) == 0)
            slots.Return(account, 1);
    }
}
