using TokenBroker.Imds;
using TokenBroker.Imds.Faults;
using TokenBroker.Tokens;
using Xunit;

namespace TokenBroker.Tests.Tokens.FaultMatrix;

public class FaultMatrixTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    public static TheoryData<string, string, string, string> Cells
    {
        get
        {
            var data = new TheoryData<string, string, string, string>();
            foreach (var (fault, state, reason, expected) in FaultTable.All())
                data.Add(fault, state, reason, expected);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Every_fault_in_every_state_ends_as_the_table_says(string faultName, string stateName, string reason, string expected)
    {
        var (state, cell) = (Enum.Parse<TokenState>(stateName), ExpectedCell.Parse(expected));
        var fault = FaultTable.Faults[faultName];
        if (state is TokenState.Acquiring or TokenState.Refreshing && fault.Kind != FaultKind.Hang)
            fault = fault with { Delay = fault.Delay ?? Moment }; // it strikes an attempt that is under way for a moment
        var (entry, old) = await BringAsync(state, fault);
        await using var ended = entry;

        await entry.EndAttemptAsync(fault);

        var after = entry.Entry.Snapshot();
        Assert.Equal(cell.State, after.State);
        Assert.Equal(cell.State == TokenState.Fresh ? null : reason, after.Failure?.Code);
        Assert.InRange(Math.Round(after.NextAttemptIn.TotalSeconds, 3), cell.Earliest, cell.Latest);
        AssertServes(cell.Serves, await ReadAsync(entry), old, entry.Emulator);
        Assert.Equal(entry.Attempts, entry.Emulator.Requests.Count);

        // That read waits, where it got no token: this brings the next attempt forward, unless the endpoint asked for more.
        var due = entry.Entry.Snapshot().NextAttemptIn;
        Assert.True(due <= after.NextAttemptIn);
        Assert.True(cell.Serves != "-" || due <= TimeSpan.FromSeconds(10) || fault is { Status: 429 } or { RetryAfter: not null }, $"next attempt in {due}");
        entry.Emulator.ClearFaults();
        Assert.InRange(await entry.GoToNextAttemptAsync() - due, TimeSpan.Zero, TimeSpan.FromMilliseconds(1));
        await entry.EndAttemptAsync(null);
        Assert.Equal(TokenState.Fresh, entry.State);
        Assert.Equal(entry.Attempts, entry.Emulator.Requests.Count);
    }

    [Fact]
    public void Every_kind_of_fault_and_every_state_has_its_cells()
    {
        var cells = FaultTable.All().ToList();
        Assert.Equal(FaultTable.Faults.Keys.Order(), cells.Select(cell => cell.Fault).Distinct().Order());
        Assert.Equal(Enum.GetValues<FaultKind>().Order(), FaultTable.Faults.Values.Select(fault => fault.Kind).Distinct().Order());
        foreach (var fault in FaultTable.Faults.Keys)
            Assert.Equal(Enum.GetNames<TokenState>().Order(), cells.Where(cell => cell.Fault == fault).Select(cell => cell.State).Order());
        int[] statuses = [400, 403, 404, 408, 410, 429, 500, 503];
        Assert.Empty(statuses.Except(FaultTable.Faults.Values.Select(fault => fault.Status ?? 0)));
    }

    /// <summary>An entry in the state, with the attempt begun that meets the fault; and the token that served before it began.</summary>
    private static async Task<(EmulatedEntry Entry, string? Old)> BringAsync(TokenState state, Fault fault)
    {
        var oneFailure = Fault.Answer(500) with { Count = 1 };
        var entry = await EmulatedEntry.StartAsync(first: state switch
        {
            TokenState.Acquiring => fault,
            TokenState.None => oneFailure,
            _ => null,
        });
        var old = state == TokenState.Acquiring ? null : await MoveAsync(entry, state, fault, oneFailure);
        if (state is TokenState.Acquiring or TokenState.Refreshing)
        {
            await entry.HeldAsync(fault);
            Assert.Equal(state, entry.State);
        }

        return (entry, old);
    }

    private static async Task<string?> MoveAsync(EmulatedEntry entry, TokenState state, Fault fault, Fault oneFailure)
    {
        await entry.EndAttemptAsync(null);
        if (state == TokenState.Stale)
        {
            entry.Emulator.Inject(oneFailure);
            await entry.GoToNextAttemptAsync();
            await entry.EndAttemptAsync(null);
        }

        entry.Emulator.Inject(fault);
        if (state == TokenState.Expired)
        {
            await entry.ExpireAsync(whenExpired: () => Assert.Equal(state, entry.State));
            return null;
        }

        if (state != TokenState.Refreshing)
            Assert.Equal(state, entry.State);
        var old = await ReadAsync(entry);
        await entry.GoToNextAttemptAsync();
        return old;
    }

    /// <summary>The token that a request would get at once; null if it would have to wait or be refused.</summary>
    private static async Task<string?> ReadAsync(EmulatedEntry entry)
    {
        using var gone = new CancellationTokenSource();
        var read = entry.Entry.ReadAsync(gone.Token).AsTask();
        if (read.IsCompleted)
            return (await read).Token?.HeaderValue;
        await gone.CancelAsync();
        // Cancelled, unless the attempt that it waited for ended in this very moment.
        await ((Task)read).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return null;
    }

    private static void AssertServes(string expected, string? read, string? old, ImdsEmulator emulator)
    {
        switch (expected)
        {
            case "old":
                Assert.NotNull(old);
                Assert.Equal(old, read);
                break;
            case "new":
                Assert.NotEqual(old, read);
                Assert.Equal("Bearer " + emulator.Tokens[^1].Value, read);
                break;
            default:
                Assert.Null(read);
                break;
        }
    }
}
