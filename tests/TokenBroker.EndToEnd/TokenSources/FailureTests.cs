using System.Globalization;
using System.Net;
using System.Net.Sockets;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Identity;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.TokenSources;

/// <summary>Failures of a source behind the library: the reason is the true one, no body is printed, the good token serves on.</summary>
[Long]
public class FailureTests
{
    private static readonly (IdentityAnswer Answer, string Reason)[] Table =
    [
        (IdentityAnswer.Error(400), "identity-not-assigned"),
        (IdentityAnswer.Error(401), "refused"),
        (IdentityAnswer.Error(403), "refused"),
        (IdentityAnswer.Error(404), "updating"),
        (IdentityAnswer.Error(408), "timed-out"),
        (IdentityAnswer.Error(410), "updating"),
        (IdentityAnswer.Error(429), "throttled"),
        (IdentityAnswer.Error(500), "endpoint-failing"),
        (IdentityAnswer.Error(502), "endpoint-failing"),
        (IdentityAnswer.Error(503), "endpoint-failing"),
        (IdentityAnswer.Error(504), "endpoint-failing"),
        (IdentityAnswer.Garbage, "invalid-answer"),
        (IdentityAnswer.Json(200, new Dictionary<string, object> { ["access_token"] = "", ["expires_on"] = "4000000000" }), "invalid-answer"),
        (IdentityAnswer.Json(200, new Dictionary<string, object> { ["access_token"] = "expired", ["expires_on"] = "1500000000" }), "invalid-answer"),
        (IdentityAnswer.Json(302, new Dictionary<string, object>()) with { Headers = new Dictionary<string, string> { ["Location"] = "/elsewhere" } }, "invalid-answer"),
        (IdentityAnswer.Hang, "timed-out"),
    ];

    [Fact]
    public async Task Every_failure_has_its_reason_and_the_token_serves_on()
    {
        await using var endpoint = await IdentityEndpoint.StartAsync(new AppServiceProtocol(AppServiceTests.Secret));
        var variables = AppServiceTests.Variables(endpoint);
        variables["TOKENBROKER__Tokens__AttemptTimeout"] = "1s";
        await using var scene = await SourceScene.StartAsync(variables, ["--log-level", "trace"]);
        await scene.Sidecar.UntilReadyAsync();

        var found = new List<string>();
        foreach (var (answer, reason) in Table)
        {
            endpoint.Answer(answer);
            var row = await scene.RefreshOneAsync();
            found.Add($"{answer.Status} {row.Reason} ({row.Detail})");
            Assert.True((row.Outcome, row.Reason) == ("failed", reason), $"wanted {reason}: {string.Join(", ", found)}");
            Assert.Equal(endpoint.Tokens[0], await scene.TokenAtStorageAsync());
        }

        endpoint.AnswerAsEver();
        Assert.Equal("refreshed", (await scene.RefreshOneAsync()).Outcome);
        Assert.DoesNotContain(endpoint.Requests, request => request.Path == "/elsewhere");
        // One request per attempt, and no body of theirs anywhere.
        Assert.Equal(Table.Length + 2, endpoint.Requests.Count);
        Assert.DoesNotContain(IdentityAnswer.BodyMark, scene.Sidecar.Run.Output, StringComparison.Ordinal);
        Assert.Empty(new OutputSearch().Add("token", endpoint.Tokens[0]).In(System.Text.Encoding.UTF8.GetBytes(scene.Sidecar.Run.Output), "log"));
    }

    [Fact]
    public async Task Wait_that_the_platform_asks_for_is_kept()
    {
        await using var endpoint = await IdentityEndpoint.StartAsync(new AppServiceProtocol(AppServiceTests.Secret));
        endpoint.Answer(IdentityAnswer.Error(429) with { Headers = new Dictionary<string, string> { ["Retry-After"] = "1234" } });
        await using var scene = await SourceScene.StartAsync(AppServiceTests.Variables(endpoint));

        var line = await scene.Sidecar.Run.LineAsync(@"throttled, status 429.*next attempt in ([\d.]+) s", TimeSpan.FromSeconds(60));
        // At least what was asked for; somewhat later, so that a fleet does not come back at one moment.
        Assert.InRange(double.Parse(line.Groups[1].Value, CultureInfo.InvariantCulture), 1234, 2 * 1234);
    }

    [Fact]
    public async Task Platform_that_is_being_updated_gets_the_longer_backoff_that_its_promise_allows()
    {
        await using var endpoint = await IdentityEndpoint.StartAsync(new AppServiceProtocol(AppServiceTests.Secret));
        endpoint.Answer(IdentityAnswer.Error(410));
        await using var scene = await SourceScene.StartAsync(AppServiceTests.Variables(endpoint));

        var line = await scene.Sidecar.Run.LineAsync(@"updating, status 410.*next attempt in ([\d.]+) s", TimeSpan.FromSeconds(60));
        Assert.InRange(double.Parse(line.Groups[1].Value, CultureInfo.InvariantCulture), 2, 6);
    }

    [Fact]
    public async Task Endpoint_that_is_not_there_is_no_identity_on_this_host()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // bound and not listening: connections are refused
        await using var scene = await SourceScene.StartAsync(new Dictionary<string, string>
        {
            ["IDENTITY_ENDPOINT"] = $"http://{taken.LocalEndPoint}/msi/token",
            ["IDENTITY_HEADER"] = AppServiceTests.Secret,
        });

        Assert.Equal("no-identity-on-host", (await scene.RefreshOneAsync()).Reason);
    }
}
