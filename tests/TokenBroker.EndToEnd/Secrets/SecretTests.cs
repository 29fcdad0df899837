using System.Security.Cryptography;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.Imds;
using TokenBroker.Imds.Faults;
using TokenBroker.Local;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Requirements;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.EndToEnd.Secrets;

/// <summary>
/// No token, key or signature is in anything that the sidecar lets out, at the most verbose settings that there are, under
/// a workload in which everything goes wrong that can.
/// </summary>
[Long]
public class SecretTests
{
    private const int Served = 1100;

    [Fact]
    public async Task Nothing_is_printed_with_tokens_of_the_metadata_endpoint()
    {
        using var directory = new TemporaryDirectory();
        await using var observation = await Observation.StartAsync(directory.Path);
        var emulator = new ImdsEmulatorOptions { ReuseUntilShareLeft = null, RateLimit = null };
        await using var surroundings = await Surroundings.StartAsync();
        await using var scene = await Scene.StartAsync(emulator, (scene, settings) => observation.SwitchOn(surroundings.AddTo(settings, IdentityOf(scene))));
        var workload = await RunAsync(scene, observation);
        var echo = UnsignedToken.Create(TimeProvider.System.GetUtcNow().AddHours(1));
        foreach (var fault in Faults(echo))
        {
            using var injected = scene.Imds.Inject(fault);
            await observation.LookAsync(scene.Sidecar);
            Assert.NotEqual(0, injected.Met);
        }

        var captured = await observation.EndAsync(scene.Sidecar, workload);
        var secrets = Secrets(workload, [.. scene.Imds.Tokens.Select(token => token.Value), echo]);
        Assert.True(scene.Imds.Tokens.Count > 5, $"{scene.Imds.Tokens.Count} tokens");
        AssertSilent(captured, secrets, IdentityOf(scene), Surroundings.CanaryContainer);
    }

    [Fact]
    public async Task Nothing_is_printed_with_tokens_that_come_through_the_libraries_of_Azure()
    {
        using var directory = new TemporaryDirectory();
        await using var observation = await Observation.StartAsync(directory.Path);
        await using var endpoint = await AppServiceStub.StartAsync();
        await using var surroundings = await Surroundings.StartAsync();
        await using var scene = await Scene.StartAsync(prepare: (scene, settings) => observation.SwitchOn(surroundings.AddTo(settings, IdentityOf(scene)) with
        {
            MetadataEndpoint = null,
            Environment = new Dictionary<string, string>
            {
                ["IDENTITY_ENDPOINT"] = endpoint.Endpoint.ToString(),
                ["IDENTITY_HEADER"] = endpoint.Header,
            },
        }));
        var workload = await RunAsync(scene, observation);
        for (endpoint.Kind = 1; endpoint.Kind < AppServiceStub.Kinds; endpoint.Kind++)
            await observation.LookAsync(scene.Sidecar);

        var captured = await observation.EndAsync(scene.Sidecar, workload);
        Assert.Empty(scene.Imds.Requests);
        Assert.True(endpoint.Tokens.Count >= AppServiceStub.Kinds, $"{endpoint.Tokens.Count} tokens");
        // The libraries took part: their events are there, with the endpoint's address in them.
        Assert.NotEmpty(new OutputSearch().Add("canary", endpoint.Canary).In(captured.Places["events.nettrace"], ""));
        AssertSilent(captured, Secrets(workload, endpoint.Tokens).Add("identity header", endpoint.Header), IdentityOf(scene), Surroundings.CanaryContainer);
    }

    private static string IdentityOf(Scene scene) => scene.Imds.Options.Identities.Single().ClientId.ToString();

    private static async Task<Workload> RunAsync(Scene scene, Observation observation)
    {
        await scene.Sidecar.UntilReadyAsync();
        var workload = new Workload(scene.Sidecar.Address);
        await workload.ServeAsync(Served);
        await workload.RefuseAsync();
        await BreakAsync(scene, workload);
        await observation.LookAsync(scene.Sidecar);
        return workload;
    }

    /// <summary>Requests that storage, or the way to it, fails.</summary>
    private static async Task BreakAsync(Scene scene, Workload workload)
    {
        PlannedAnswer[] planned =
        [
            PlannedAnswer.Reset, new() { ResetAfterResponseBytes = 10 }, PlannedAnswer.Busy, PlannedAnswer.Error(403, "AuthorizationPermissionMismatch"),
            PlannedAnswer.Error(401, "InvalidAuthenticationInfo") with { Detail = "Lifetime validation failed. The token is expired." },
            PlannedAnswer.Error(401, "InvalidAuthenticationInfo") with { Detail = "Audience validation failed. Audience did not match." },
        ];
        foreach (var answer in planned)
        {
            scene.Storage.AnswerNext(answer);
            await workload.SendAsync(workload.Get($"/acct/things/pattern-64?{workload.Sas(encoded: true)}"));
        }

        foreach (var account in new[] { Surroundings.Unreachable, Surroundings.Untrusted, Surroundings.Mute })
            await workload.SendAsync(workload.Get($"/{account}/things/b?{workload.Sas(encoded: false)}"));
        await workload.SendAsync(workload.Get($"/acct/{Surroundings.CanaryContainer}/b?{workload.Sas(encoded: false)}"));
    }

    private static IEnumerable<Fault> Faults(string echo) =>
    [
        Fault.Of(FaultKind.Garbage), Fault.Of(FaultKind.TruncatedJson), Fault.Of(FaultKind.CutBody), Fault.Of(FaultKind.EmptyToken),
        Fault.Of(FaultKind.ExpiredToken), Fault.Of(FaultKind.Reset), Fault.Skewed(TimeSpan.FromDays(-2)),
        Fault.Answer(400) with { Error = echo, ErrorDescription = echo }, Fault.Answer(500) with { ErrorDescription = echo },
        Fault.Answer(429, TimeSpan.FromSeconds(1)),
    ];

    private static OutputSearch Secrets(Workload workload, IReadOnlyCollection<string> tokens)
    {
        var search = new OutputSearch().Add("dummy key", LocalEnvironment.DummyKey);
        foreach (var (name, marker) in workload.Markers)
            search.Add(name, marker);
        // The first part is the same in all tokens: where it stands, a token stood.
        foreach (var beginning in tokens.Select(token => token.Split('.')[0]).Distinct())
            search.Add("token (beginning)", beginning);
        foreach (var token in tokens)
            search.Add("token", token).Add("token (cut)", token.Split('.')[1][..60]).Add("token (hash)", Hash(token));
        return search;
    }

    // A hash of the whole would tell whether two hosts hold the same token; MSAL can log one.
    private static string Hash(string token) => Convert.ToBase64String(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(token)));

    private static void AssertSilent(CapturedOutput captured, OutputSearch secrets, string identity, string canary)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", captured.Places.Select(place => $"{place.Key}: {place.Value.Length} bytes")));
        var lines = captured.Text("standard output and error").Split('\n').Count(line => line.Contains(" trce: ", StringComparison.Ordinal));
        TestContext.Current.TestOutputHelper?.WriteLine($"{lines} Trace lines");
        Assert.True(lines > 1000, $"{lines} Trace lines");

        // The search sees what is there: names that may be printed, and a secret planted in a copy of each place.
        var names = captured.Search(new OutputSearch().Add("identity", identity).Add("canary", canary));
        string[] named = ["standard output and error", "OTLP metrics", "OTLP traces", "events.nettrace", "/metrics", "/health/ready", "/tokens/refresh"];
        Assert.All(named, place => Assert.Contains(names, find => find.Place == place));
        var planted = captured.WithPlanted(LocalEnvironment.DummyKey).Search(new OutputSearch().Add("dummy key", LocalEnvironment.DummyKey));
        Assert.Equal(captured.Places.Keys.Order(), planted.Select(find => find.Place).Distinct().Order());

        Assert.Empty(captured.Search(secrets));
    }
}
