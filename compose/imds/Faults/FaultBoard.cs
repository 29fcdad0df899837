using TokenBroker.Imds.Identities;

namespace TokenBroker.Imds.Faults;

/// <summary>The faults of one emulator, in the order of injection.</summary>
internal sealed class FaultBoard(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly List<InjectedFault> _faults = [];
    private int _lastId;

    /// <summary>Those that are active, and those used up that may still hold requests.</summary>
    internal IReadOnlyList<InjectedFault> All
    {
        get
        {
            lock (_lock)
                return [.. _faults];
        }
    }

    internal InjectedFault Inject(Fault fault)
    {
        lock (_lock)
        {
            var injected = new InjectedFault(++_lastId, fault, this, time);
            _faults.Add(injected);
            return injected;
        }
    }

    /// <summary>The fault that applies to this request, counted; null if there is none.</summary>
    internal InjectedFault? Meet(EmulatedIdentity identity)
    {
        lock (_lock)
        {
            var met = _faults.FirstOrDefault(f => f.IsActive && (f.Fault.Identity is not { } wanted || identity.Answers(wanted)));
            met?.Meet_NeedsLock();
            return met;
        }
    }

    internal void Remove(InjectedFault fault)
    {
        lock (_lock)
            _faults.Remove(fault);
    }

    internal void Clear()
    {
        foreach (var fault in All)
            fault.Clear();
    }
}
