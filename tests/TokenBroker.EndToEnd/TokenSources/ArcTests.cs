using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Identity;
using TokenBroker.TestSupport.Processes;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.TokenSources;

/// <summary>
/// Azure Arc: two requests, and between them a file that lies where only Arc's agent writes. The sidecar sees that place
/// in a mount namespace of its own; on this machine nothing is written there.
/// </summary>
[Requires(Capability.MountNamespaces), Long]
public sealed class ArcTests : IDisposable
{
    private const string Place = "/var/opt/azcmagent/tokens";

    private readonly TemporaryDirectory _tokens = new();

    public void Dispose() => _tokens.Dispose();

    [Fact]
    public async Task Challenge_is_answered_with_the_files_content_and_the_token_reaches_storage()
    {
        await using var endpoint = await IdentityEndpoint.StartAsync(Protocol());
        await using var scene = await StartAsync(endpoint);
        await scene.Sidecar.UntilReadyAsync();

        Assert.Equal(endpoint.Tokens[0], await scene.TokenAtStorageAsync());
        Assert.Equal("refreshed", (await scene.RefreshOneAsync()).Outcome);
        Assert.Equal(endpoint.Tokens[1], await scene.TokenAtStorageAsync());
        // Each attempt is one exchange of two requests.
        Assert.Equal([401, 200, 401, 200], endpoint.Requests.Select(request => request.Status));
        Assert.Equal("azure-arc", (await scene.RefreshOneAsync()).Source);
    }

    [Fact]
    public async Task Refused_answer_to_the_challenge_and_a_hang_after_it_have_their_reasons_and_the_token_serves_on()
    {
        await using var endpoint = await IdentityEndpoint.StartAsync(Protocol());
        await using var scene = await StartAsync(endpoint);
        await scene.Sidecar.UntilReadyAsync();

        var found = new List<string?>();
        foreach (var answer in new[] { IdentityAnswer.Error(401), IdentityAnswer.Error(403), IdentityAnswer.Error(500), IdentityAnswer.Garbage, IdentityAnswer.Hang })
        {
            endpoint.Answer(answer, request => request.Header("Authorization") is not null);
            found.Add((await scene.RefreshOneAsync()).Reason);
            Assert.Equal(endpoint.Tokens[0], await scene.TokenAtStorageAsync());
        }

        Assert.Equal(["refused", "refused", "endpoint-failing", "invalid-answer", "timed-out"], found);
        Assert.DoesNotContain(IdentityAnswer.BodyMark, scene.Sidecar.Run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Challenge_that_names_a_file_elsewhere_is_not_followed()
    {
        var elsewhere = _tokens.File("elsewhere.key");
        await using var endpoint = await IdentityEndpoint.StartAsync(new ArcProtocol(elsewhere, elsewhere));
        await using var scene = await StartAsync(endpoint);

        Assert.Equal("refused", (await scene.RefreshOneAsync()).Reason);
        Assert.All(endpoint.Requests, request => Assert.Null(request.Header("Authorization")));
    }

    [Fact]
    public async Task User_assigned_identity_is_refused_and_not_replaced_by_the_systems()
    {
        await using var endpoint = await IdentityEndpoint.StartAsync(Protocol());
        await using var scene = await StartAsync(endpoint, "--identity", "client-id:22222222-2222-2222-2222-222222222222");

        Assert.Equal("identity-not-assigned", (await scene.RefreshOneAsync()).Reason);
        Assert.Empty(endpoint.Requests);
    }

    private ArcProtocol Protocol() => new(_tokens.File("challenge.key"), $"{Place}/challenge.key");

    private Task<SourceScene> StartAsync(IdentityEndpoint endpoint, params string[] arguments) => SourceScene.StartAsync(
        new Dictionary<string, string>
        {
            ["IDENTITY_ENDPOINT"] = new Uri(endpoint.Address, "/metadata/identity/oauth2/token").AbsoluteUri,
            ["IMDS_ENDPOINT"] = endpoint.Address.AbsoluteUri,
            ["TOKENBROKER__Tokens__AttemptTimeout"] = "2s",
        },
        ["--log-level", "trace", .. arguments], InNamespace);

    // `sh` and `exec` keep one process: it ends as the sidecar itself would.
    private ProcessSpec InNamespace(ProcessSpec sidecar) => sidecar with
    {
        File = "unshare",
        Arguments =
        [
            "--mount", "--propagation", "private", "sh", "-ec",
            $"mount -t tmpfs none /var/opt; mkdir -p {Place}; mount --bind \"$0\" {Place}; exec \"$@\"",
            _tokens.Path, sidecar.File, .. sidecar.Arguments,
        ],
    };
}
