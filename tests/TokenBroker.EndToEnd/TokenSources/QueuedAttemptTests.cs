using System.Diagnostics;
using TokenBroker.TestSupport.Identity;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.TokenSources;

/// <summary>
/// The library makes the attempts of a process one by one. An attempt's time starts when its own request is sent, so
/// that one which waits behind others that hang is not taken for one that got no answer.
/// </summary>
[Long]
public class QueuedAttemptTests
{
    // Accounts are served in the order of their names: the good one comes last.
    private const string Good = "99999999-9999-9999-9999-999999999999";

    private static readonly string[] Accounts = [SourceScene.Account, "more1", "more2", "more3"];

    [Fact]
    public async Task Attempt_that_waits_behind_three_that_hang_is_not_counted_as_timed_out()
    {
        await using var endpoint = await IdentityEndpoint.StartAsync(new AppServiceProtocol(AppServiceTests.Secret));
        endpoint.Answer(IdentityAnswer.Hang, request => request.Query("client_id") != Good);
        var variables = AppServiceTests.Variables(endpoint);
        variables["TOKENBROKER__Tokens__AttemptTimeout"] = "1s"; // three seconds without a token, six after a timeout
        foreach (var (name, i) in Accounts.Select((name, i) => (name, i)))
            variables[$"TOKENBROKER__Accounts__{name}__Identity"] = i == 3 ? $"client-id:{Good}" : $"client-id:{i}0000000-0000-0000-0000-000000000000";

        var clock = Stopwatch.StartNew();
        await using var scene = await SourceScene.StartAsync(variables, [.. Accounts.Skip(1).SelectMany(name => new[] { "--account", name })]);
        await scene.Sidecar.Run.LineAsync($"oken for client-id:{Good} from", TimeSpan.FromSeconds(60));
        TestContext.Current.TestOutputHelper?.WriteLine($"ready {clock.Elapsed.TotalSeconds:0.0} s after the start was asked for");

        Assert.NotEqual(Good, endpoint.Requests[0].Query("client_id")); // or it waited behind nobody
        Assert.Contains($"Token for client-id:{Good} from app-service received", scene.Sidecar.Run.Output, StringComparison.Ordinal);
        // Wanted at the same moment as the others' next attempts.
        var rows = (await scene.RefreshAsync()).ToLookup(row => row.Identity == $"client-id:{Good}");
        Assert.Equal("refreshed", Assert.Single(rows[true]).Outcome);
        Assert.All(rows[false], row => Assert.Equal("timed-out", row.Reason));
        Assert.DoesNotContain($"client-id:{Good} from app-service (timed-out", scene.Sidecar.Run.Output, StringComparison.Ordinal);
    }
}
