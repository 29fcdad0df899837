using TokenBroker.Imds;
using TokenBroker.Imds.Identities;
using TokenBroker.Imds.Record;
using Xunit;

namespace TokenBroker.Tests.Emulator;

/// <summary>An emulator with two identities on a clock that stands still, and a client of it.</summary>
public abstract class FaultTestBase : IAsyncLifetime
{
    private protected static readonly EmulatedIdentity Backup = EmulatedIdentity.User("backup");

    private protected SteppedClock Clock { get; } = new();
    private protected ImdsEmulator Emulator { get; private set; } = null!;
    private protected EmulatorClient Client { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Emulator = await ImdsEmulator.StartAsync(new()
        {
            Identities = [EmulatedIdentity.System(), Backup],
            TokenLifetime = TimeSpan.FromHours(1),
            RateLimit = null,
            TimeProvider = Clock,
        });
        Client = new(Emulator);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Emulator.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected async Task<int> StatusAsync() => (await Client.TokenAsync()).Status;

    /// <summary>Until that many requests have met a fault that holds them.</summary>
    private protected Task<IReadOnlyList<RecordedRequest>> HeldAsync(int count) => Emulator
        .WaitForAsync(requests => requests.Count(r => r.FaultId is not null && r.Outcome == RequestOutcome.Pending) == count)
        .WaitAsync(EmulatorClient.Patience);

    /// <summary>Until a delay has begun, so that the clock may move on.</summary>
    private protected Task DelayedAsync() => Clock.WaitForTimersAsync(1).WaitAsync(EmulatorClient.Patience);
}
