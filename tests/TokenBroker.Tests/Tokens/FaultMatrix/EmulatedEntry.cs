using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using TokenBroker.Imds;
using TokenBroker.Imds.Faults;
using TokenBroker.Imds.Record;
using TokenBroker.Tokens;
using TokenBroker.Tokens.Answers;
using TokenBroker.Tokens.Sources;

namespace TokenBroker.Tests.Tokens.FaultMatrix;

/// <summary>
/// One running entry over the real IMDS source, which asks a real emulator over a socket. Both live on one test clock:
/// only the sockets take real time.
/// </summary>
internal sealed class EmulatedEntry : IAsyncDisposable
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(2);
    public static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stop = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly HttpMessageInvoker _http = ImdsTokenSource.CreateClient();
    private readonly CountedSource _source;
    private readonly Task _loop;

    private EmulatedEntry(TestClock clock, ImdsEmulator emulator)
    {
        (Clock, Emulator) = (clock, emulator);
        _source = new(new ImdsTokenSource(
            _http, emulator.BaseAddress, TokenBroker.Configuration.IdentitySelector.System, StorageAudience.Uri, AttemptTimeout, clock));
        Entry = new("system", _source, TimeSpan.FromSeconds(10), clock, Random.Shared,
            new TokenMetrics(_services.GetRequiredService<IMeterFactory>(), clock), NullLogger.Instance);
        _loop = Entry.RunAsync(_stop.Token);
    }

    public TestClock Clock { get; }

    public ImdsEmulator Emulator { get; }

    public TokenEntry Entry { get; }

    /// <summary>How many attempts were begun.</summary>
    public int Attempts => _source.Begun;

    /// <summary>How long the last attempt may take.</summary>
    public TimeSpan Limit => _source.LastLimit;

    public TokenState State => Entry.Snapshot().State;

    private bool IsAttempting => State is TokenState.Acquiring or TokenState.Refreshing;

    /// <param name="first">What the very first attempt meets.</param>
    public static async Task<EmulatedEntry> StartAsync(Fault? first = null)
    {
        var clock = new TestClock();
        // A new token on each request, so that old and new can be told apart; the fault same-token repeats one.
        var emulator = await ImdsEmulator.StartAsync(new()
        {
            TokenLifetime = Lifetime,
            ReuseUntilShareLeft = null,
            RateLimit = null,
            TimeProvider = clock,
        });
        if (first is not null)
            emulator.Inject(first);
        return new(clock, emulator);
    }

    /// <summary>Moves on to the next attempt, and returns how long that took.</summary>
    public async Task<TimeSpan> GoToNextAttemptAsync()
    {
        var (from, before) = (Clock.TrueTime, Attempts);
        while (Attempts == before)
        {
            await EntryFixture.UntilAsync(() => Attempts > before || LoopSleeps(), "the loop sleeps");
            if (Attempts == before)
                Clock.Advance(Clock.NextTimer ?? TimeSpan.Zero);
        }

        return Clock.TrueTime - from;
    }

    /// <summary>The host sleeps until the token is long dead; within half a minute of its waking, an attempt is made.</summary>
    public async Task ExpireAsync(Action whenExpired)
    {
        await EntryFixture.UntilAsync(LoopSleeps, "the loop sleeps");
        Clock.Suspend(2 * Lifetime);
        whenExpired();
        var before = Attempts;
        Clock.Advance(TimeSpan.FromSeconds(30));
        await EntryFixture.UntilAsync(() => Attempts > before, "the loop notices");
    }

    /// <summary>Until the emulator holds the attempt under way and waits on the clock, as the attempt's own limit does.</summary>
    public Task HeldAsync(Fault fault)
    {
        return EntryFixture.UntilAsync(
            () => Emulator.Requests is [.., { Outcome: RequestOutcome.Pending, Fault: not null }]
                && Clock.NextTimer == (fault.Delay < Limit ? fault.Delay.Value : Limit),
            "the emulator holds the request");
    }

    /// <summary>Lets the attempt under way end, by its answer or by its time limit.</summary>
    public async Task EndAttemptAsync(Fault? fault)
    {
        if (fault is { Kind: FaultKind.Hang } or { Delay: not null })
        {
            await HeldAsync(fault);
            Clock.Advance(Clock.NextTimer!.Value);
        }

        await EntryFixture.UntilAsync(() => !IsAttempting, "the attempt ends");
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _http.Dispose();
        await Emulator.DisposeAsync();
        await _services.DisposeAsync();
        _stop.Dispose();
    }

    private bool LoopSleeps() =>
        !IsAttempting && Clock.NextTimer <= Entry.Snapshot().NextAttemptIn + TimeSpan.FromMilliseconds(1);
}
