namespace TokenBroker.Admin;

/// <summary>The current phase of the process and when it began. Phases only go forward; the host sets them.</summary>
internal sealed class Lifecycle(TimeProvider time)
{
    private volatile Entered _now = new(Phase.Starting, time.GetUtcNow());

    public Phase Phase => _now.Phase;

    public DateTimeOffset Since => _now.Since;

    public void Enter(Phase phase) => _now = new(phase, time.GetUtcNow());

    private sealed record Entered(Phase Phase, DateTimeOffset Since);
}
