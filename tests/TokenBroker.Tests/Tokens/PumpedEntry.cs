using Microsoft.Extensions.Logging.Abstractions;
using TokenBroker.Tests.Tokens.Simulation;
using TokenBroker.Tokens;
using TokenBroker.Tokens.Answers;

namespace TokenBroker.Tests.Tokens;

/// <summary>
/// An entry whose every continuation runs on the test's own thread: after each of these methods all that follows from it
/// has happened, and nothing is waited for. Answers come when the test gives them.
/// </summary>
internal sealed class PumpedEntry : IDisposable
{
    private readonly Pump _pump = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly HeldSource _source = new();

    public PumpedEntry(string identity = "system")
    {
        Metrics = new TokenMetrics(Meters, Clock);
        Entry = new(identity, _source, TimeSpan.FromSeconds(10), Clock, new Random(1), Metrics, NullLogger.Instance);
    }

    /// <summary>One that has started, and holds a token.</summary>
    public static PumpedEntry Fresh(TimeSpan life, string identity = "system")
    {
        var fixture = new PumpedEntry(identity);
        fixture.Start();
        fixture.Answer("one", life);
        return fixture;
    }

    public TestClock Clock { get; } = new();

    public Meters Meters { get; } = new();

    public TokenMetrics Metrics { get; }

    public TokenEntry Entry { get; }

    public Task? Loop { get; private set; }

    public TokenState State => Entry.Snapshot().State;

    public int Attempts => _source.Count;

    public bool Attempting => _source.IsHeld;

    /// <summary>How long the last attempt may take.</summary>
    public TimeSpan Limit => _source.LastLimit;

    /// <summary>Called whenever anything may have changed, between any two steps.</summary>
    public Action Observe { get; set; } = () => { };

    public void Start() => Do(() => Loop = Entry.RunAsync(_stop.Token));

    public void Stop() => Do(_stop.Cancel);

    /// <summary>Gives the attempt under way a token.</summary>
    public void Answer(string value, TimeSpan life) =>
        Do(() => _source.Answer(TokenAnswer.Of(new BearerToken(value, Clock.GetUtcNow() + life, life, Clock))));

    public void Fail(TokenFailureReason reason = TokenFailureReason.EndpointFailing, TimeSpan? retryAfter = null) =>
        Do(() => _source.Answer(TokenAnswer.Of(reason, null, retryAfter)));

    public void Break(Exception error) => Do(() => _source.Break(error));

    public Task<TokenReading> Read(CancellationToken caller = default) => Get(() => Entry.ReadAsync(caller).AsTask());

    public Task<AttemptResult> Refresh(CancellationToken caller = default) => Get(() => Entry.RefreshAsync(caller));

    public Task<BearerToken?> Replace(BearerToken rejected, CancellationToken caller = default) =>
        Get(() => Entry.ReplaceAsync(rejected, caller).AsTask());

    /// <summary>The token that a read gets without waiting; null if it would have to wait or is refused.</summary>
    public string? Served()
    {
        using var caller = new CancellationTokenSource();
        var read = Read(caller.Token);
        Do(caller.Cancel);
        return read.IsCompletedSuccessfully ? read.GetAwaiter().GetResult().Token?.HeaderValue : null;
    }

    public void Advance(TimeSpan by)
    {
        var end = Clock.TrueTime + by;
        while (Clock.NextTimer is { } timer && timer <= end - Clock.TrueTime)
            Do(() => Clock.Advance(timer));
        Do(() => Clock.Advance(end - Clock.TrueTime));
    }

    public void JumpWall(TimeSpan by) => Do(() => Clock.JumpWall(by));

    public void Suspend(TimeSpan by) => Do(() => Clock.Suspend(by));

    /// <summary>Goes on until the entry asks by itself, and returns how long that took.</summary>
    public TimeSpan AdvanceToNextAttempt()
    {
        var from = Clock.TrueTime;
        for (var attempts = Attempts; Attempts == attempts;)
            Advance(Clock.NextTimer ?? throw new InvalidOperationException("The loop sleeps without a timer."));
        return Clock.TrueTime - from;
    }

    public void Do(Action action) => _pump.Run(() =>
    {
        action();
        do
            Observe();
        while (_pump.DrainOne());
    });

    public void Dispose()
    {
        Stop();
        _stop.Dispose();
        Meters.Dispose();
    }

    private Task<T> Get<T>(Func<Task<T>> ask)
    {
        Task<T>? task = null;
        Do(() => task = ask());
        return task!;
    }
}
