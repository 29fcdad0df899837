using TokenBroker.Configuration;

namespace TokenBroker.Limits;

/// <summary>The budget for all request bodies that are buffered in memory.</summary>
internal sealed class BufferedBytes(BrokerOptions options, EffectiveLimits limits)
{
    private readonly SharedBudget _budget = new(limits.BufferedBytes, [.. options.Accounts.Select(account => account.Name)]);

    /// <summary>What is held now.</summary>
    public long Used => _budget.Used;

    public Reservation Begin(string account) => new(_budget, account);

    /// <summary>One request's share of the budget. Used by one request at a time.</summary>
    internal sealed class Reservation(SharedBudget budget, string account) : IDisposable
    {
        private long _amount;

        /// <returns>False if the budget does not have that much left.</returns>
        public bool TryGrow(long amount)
        {
            if (!budget.TryTake(account, amount))
                return false;
            _amount += amount;
            return true;
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _amount, 0) is var amount and > 0)
                budget.Return(account, amount);
        }
    }
}
