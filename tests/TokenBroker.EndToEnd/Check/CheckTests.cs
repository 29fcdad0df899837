using System.Globalization;
using System.Net;
using System.Net.Sockets;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.Imds.Faults;
using TokenBroker.TestSupport.Network;
using TokenBroker.TestSupport.Processes;
using TokenBroker.TestSupport.Requirements;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.EndToEnd.Check;

/// <summary>The built binary names the cause of what users fail at, as a table and as JSON, with the exit code of the worst; no output has a token.</summary>
[Long]
public class CheckTests
{
    private static readonly Dictionary<string, string> ShortAttempts = new() { ["TOKENBROKER__Tokens__AttemptTimeout"] = "1s" };

    private const string Nobody = "client-id:00000000-0000-0000-0000-00000000dead";

    [Fact]
    public async Task All_is_well_and_the_token_really_went_to_storage()
    {
        await using var scene = await CheckScene.StartAsync();

        var run = await scene.RunAsync();

        Assert.True(run.ExitCode == 0 && run.Verdict == "ok", run.Table);
        Assert.EndsWith("\nEverything is ok.\n", run.Table, StringComparison.Ordinal);
        Assert.Equal(["proxy-none", "source-found", "token-received", "clock-right", "dns-resolved", "tcp-connected", "tls-trusted", "storage-readable"], run.Causes);
        var claims = run.Row("token-received").Facts;
        Assert.Equal(("https://storage.azure.com/", scene.Imds.Options.Identities[0].ObjectId.ToString()), (claims["aud"], claims["oid"]));
        // One HEAD in each of the two runs, and the one token of the emulator on it.
        Assert.Equal(["HEAD", "HEAD"], scene.Storage.Requests.All.Select(request => request.Method));
        Assert.All(scene.Storage.Requests.All, request => Assert.Equal(Assert.Single(scene.Imds.Tokens).Value, request.Bearer));
    }

    [Fact]
    public async Task No_metadata_endpoint()
    {
        await using var scene = await CheckScene.StartAsync();
        using var closed = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        closed.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // bound and not listening: connections are refused

        var run = await scene.RunAsync(metadata: new($"http://{closed.LocalEndPoint}"));

        var row = run.AssertFound(1, "token-no-identity-on-host (system)");
        Assert.Equal("No metadata endpoint answers on this host.", row.Meaning);
        // Storage was asked all the same, as a stranger.
        Assert.Contains("storage-answers", run.Causes);
        Assert.All(scene.Storage.Requests.All, request => Assert.Null(request.Bearer));
    }

    [Fact]
    [Requires(Capability.Linux)]
    public async Task Metadata_address_from_which_nothing_ever_comes_back_is_no_endpoint()
    {
        await using var scene = await CheckScene.StartAsync();
        using var full = new FullBacklog();

        var run = await scene.RunAsync(metadata: full.Address, environment: ShortAttempts);

        var row = run.AssertFound(1, "token-no-identity-on-host (system)");
        Assert.Equal($"no connection to {full.Address.Authority}", row.Facts["the source said"]);
    }

    [Fact]
    public async Task Metadata_endpoint_that_is_there_and_hangs_is_another_cause()
    {
        await using var scene = await CheckScene.StartAsync();
        scene.Imds.Inject(Fault.Of(FaultKind.Hang));

        (await scene.RunAsync(environment: ShortAttempts)).AssertFound(1, "token-timed-out (system)");
    }

    [Fact]
    public async Task Identity_not_assigned()
    {
        await using var scene = await CheckScene.StartAsync();

        var run = await scene.RunAsync(arguments: ["--identity", Nobody]);

        var row = run.AssertFound(1, $"token-identity-not-assigned ({Nobody})");
        Assert.Contains("Assign the identity to this host", row.WhatToDo, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Account_that_is_not_at_its_endpoint()
    {
        await using var scene = await CheckScene.StartAsync();

        scene.Storage.AnswerAll(PlannedAnswer.Error(404, "ResourceNotFound")); // as an emulator says it

        (await scene.RunAsync()).AssertFound(1, "storage-account-unknown (acct)");
    }

    [Fact]
    public async Task No_role()
    {
        await using var scene = await CheckScene.StartAsync();
        scene.Storage.AnswerAll(PlannedAnswer.Error(403, "AuthorizationPermissionMismatch"));

        var row = (await scene.RunAsync()).AssertFound(1, "storage-no-role (acct)");

        Assert.Contains("Storage Blob Data Contributor", row.WhatToDo, StringComparison.Ordinal);
        Assert.Contains("Storage Blob Data Reader", row.WhatToDo, StringComparison.Ordinal);
        Assert.Contains($"--assignee-object-id {scene.Imds.Options.Identities[0].ObjectId} ", row.WhatToDo, StringComparison.Ordinal);
        Assert.Contains("--name acct ", row.WhatToDo, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Role_on_a_container_that_the_policy_names_is_tried_there()
    {
        await using var scene = await CheckScene.StartAsync();
        scene.Storage.AnswerAll(PlannedAnswer.Error(403, "AuthorizationPermissionMismatch"), request => !request.RawTarget.Contains("/acct/pictures?", StringComparison.Ordinal));

        var run = await scene.RunAsync(environment: new Dictionary<string, string> { ["TOKENBROKER__Accounts__acct__Policy__Containers__0"] = "pictures" });

        Assert.True(run.ExitCode == 0, run.Table);
    }

    [Theory]
    [InlineData(20, 1, "clock-wrong")]
    [InlineData(-20, 1, "clock-wrong")]
    [InlineData(3, 3, "clock-off")]
    [InlineData(-3, 3, "clock-off")]
    public async Task Skewed_clock_by_storages_date(int minutes, int exitCode, string cause)
    {
        await using var scene = await CheckScene.StartAsync();
        var date = TimeProvider.System.GetUtcNow().AddMinutes(-minutes).ToString("R", CultureInfo.InvariantCulture);
        scene.Storage.AnswerAll(new PlannedAnswer { Headers = new Dictionary<string, string> { ["Date"] = date } });

        var row = (await scene.RunAsync()).AssertFound(exitCode, $"{cause} (this host)");

        Assert.Matches($@"^([\d.]+ (s|min)) {(minutes > 0 ? "ahead" : "behind")}$", row.Facts["against storage of acct"]);
        Assert.Equal("equal", row.Facts["against the metadata endpoint"]);
    }

    [Fact]
    public async Task Skewed_clock_by_the_metadata_endpoints_date_though_its_token_seems_expired()
    {
        await using var scene = await CheckScene.StartAsync(new() { TokenLifetime = TimeSpan.FromHours(1) });
        scene.Imds.Inject(Fault.Skewed(TimeSpan.FromHours(-2)));

        var run = await scene.RunAsync();

        run.AssertFound(1, "clock-wrong (this host)", "token-invalid-answer (system)");
    }

    [Theory]
    [InlineData("Issuer validation failed. Issuer did not match.", "storage-other-tenant")]
    [InlineData("Lifetime validation failed. The token is expired.", "storage-token-expired")]
    public async Task Refused_token_is_asked_about_once_more_since_HEAD_has_no_body(string detail, string cause)
    {
        await using var scene = await CheckScene.StartAsync();
        scene.Storage.AnswerAll(PlannedAnswer.Error(401, "InvalidAuthenticationInfo") with { Detail = detail });

        (await scene.RunAsync()).AssertFound(1, $"{cause} (acct)");

        Assert.Equal(["HEAD", "GET", "HEAD", "GET"], scene.Storage.Requests.All.Select(request => request.Method));
    }

    [Fact]
    public async Task Leftover_variables_that_divert_the_source_are_named()
    {
        await using var scene = await CheckScene.StartAsync();
        using var closed = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        closed.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var settings = new SidecarSettings { Accounts = [(CheckScene.Account, scene.Storage.EndpointOf())], UpstreamCa = scene.Authority };

        var run = await CheckRun.RunAsync(settings.ToArguments(), new Dictionary<string, string>
        {
            ["IDENTITY_ENDPOINT"] = $"http://{closed.LocalEndPoint}/msi/token",
            ["IDENTITY_HEADER"] = "leftover-of-another-platform",
        }, wrap: null, () => ["leftover-of-another-platform"]);

        var row = run.AssertFound(1, "source-diverted (system)", "token-no-identity-on-host (system)");
        Assert.Equal(("app-service", "IDENTITY_ENDPOINT and IDENTITY_HEADER are set"), (row.Facts["source"], row.Facts["because"]));
    }

    [Fact]
    public async Task Settings_that_are_wrong_end_with_2_as_at_a_start()
    {
        var result = await ProcessRun.CompleteAsync(SidecarBinary.Spec("check", "--account", "Photos", "--json"));

        Assert.Equal((2, ""), (result.ExitCode, result.StandardOutput));
        Assert.Equal("tokenbroker: --account 'Photos': an account's name has 3 to 24 lower-case letters and digits", result.Output);
    }
}
