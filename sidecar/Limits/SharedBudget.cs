using System.Collections.Frozen;

namespace TokenBroker.Limits;

/// <summary>
/// An amount that several accounts share. Half of it is reserved in equal parts for the accounts, the rest goes to the
/// accounts that ask first. So an account whose storage hangs cannot take everything. A single account can use all of it.
/// </summary>
internal sealed class SharedBudget
{
    private readonly Lock _lock = new();
    private readonly FrozenDictionary<string, Usage> _usages;
    private readonly long _reserved;
    private long _sharedFree;
    private long _used;

    public SharedBudget(long total, IReadOnlyCollection<string> accounts)
    {
        _usages = accounts.ToFrozenDictionary(account => account, _ => new Usage(), StringComparer.Ordinal);
        var count = Math.Max(accounts.Count, 1);
        _reserved = count == 1 ? total : Math.Max(total / 2 / count, total >= count ? 1 : 0);
        _sharedFree = total - (_reserved * count);
        (Total, MaxOfAccount) = (total, _reserved + _sharedFree);
    }

    public long Total { get; }

    /// <summary>What one account can have at most.</summary>
    public long MaxOfAccount { get; }

    /// <summary>What all accounts have now.</summary>
    public long Used
    {
        get
        {
            lock (_lock)
                return _used;
        }
    }

    /// <returns>False if neither the account's part nor the rest has that much left; nothing is taken then.</returns>
    public bool TryTake(string account, long amount)
    {
        var usage = _usages[account];
        lock (_lock)
        {
            var shared = usage.BeyondOf(_reserved, amount);
            if (shared > _sharedFree)
                return false;
            Move(usage, amount, shared);
            return true;
        }
    }

    public void Return(string account, long amount)
    {
        var usage = _usages[account];
        lock (_lock)
            Move(usage, -amount, usage.BeyondOf(_reserved, -amount));
    }

    private void Move(Usage usage, long amount, long shared)
    {
        usage.Amount += amount;
        _used += amount;
        _sharedFree -= shared;
    }

    private sealed class Usage
    {
        public long Amount { get; set; }

        /// <summary>How much of a change exceeds the reserved part.</summary>
        public long BeyondOf(long reserved, long change) => Math.Max(Amount + change - reserved, 0) - Math.Max(Amount - reserved, 0);
    }
}
