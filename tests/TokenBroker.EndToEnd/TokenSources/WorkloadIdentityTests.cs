using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Identity;
using TokenBroker.TestSupport.Network;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.TokenSources;

/// <summary>
/// A pod's projected token is exchanged for one of Entra's. Entra stands here over https with a certificate that the
/// child process alone trusts, through a variable that .NET honours on Linux.
/// </summary>
[Long]
[Requires(Capability.Linux)]
public sealed class WorkloadIdentityTests : IDisposable
{
    private const string Tenant = "33333333-3333-3333-3333-333333333333";
    private const string Client = "44444444-4444-4444-4444-444444444444";

    private readonly TemporaryDirectory _directory = new();
    private readonly Certificates _certificates = Certificates.Create();

    private string TokenFile => _directory.File("projected-token");

    public void Dispose()
    {
        _certificates.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Projected_token_is_exchanged_and_each_refresh_exchanges_again()
    {
        File.WriteAllText(TokenFile, "assertion-1");
        await using var entra = await StartEntraAsync();
        // Whatever goes anywhere else goes through here.
        await using var proxy = await IdentityEndpoint.StartAsync(new AppServiceProtocol("unused"));
        var variables = Variables(entra);
        variables["HTTPS_PROXY"] = proxy.Address.AbsoluteUri;
        variables["NO_PROXY"] = "127.0.0.1";
        await using var scene = await SourceScene.StartAsync(variables);
        await scene.Sidecar.UntilReadyAsync();

        Assert.Equal(entra.Tokens[0], await scene.TokenAtStorageAsync());
        // The platform rotates the file: the exchange reads it anew.
        File.WriteAllText(TokenFile, "assertion-2");
        Assert.Equal(("workload-identity", "refreshed"), await scene.RefreshOneAsync() is var row ? (row.Source, row.Outcome) : default);
        Assert.Equal(entra.Tokens[1], await scene.TokenAtStorageAsync());
        // One request each: nobody is asked whether the authority is Azure's.
        Assert.Equal([200, 200], entra.Requests.Select(request => request.Status));
        Assert.Empty(proxy.Requests);
        Assert.DoesNotContain("assertion-", scene.Sidecar.Run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_id_on_the_command_line_outranks_the_variable_and_another_kind_of_id_is_refused()
    {
        File.WriteAllText(TokenFile, "assertion-1");
        await using var entra = await StartEntraAsync();
        var variables = Variables(entra);
        variables["AZURE_CLIENT_ID"] = "55555555-5555-5555-5555-555555555555";
        await using (var named = await SourceScene.StartAsync(variables, ["--identity", $"client-id:{Client}"]))
        {
            await named.Sidecar.UntilReadyAsync();
            Assert.Equal(entra.Tokens[0], await named.TokenAtStorageAsync());
        }

        variables["AZURE_CLIENT_ID"] = Client;
        await using var other = await SourceScene.StartAsync(variables, ["--identity", "object-id:66666666-6666-6666-6666-666666666666"]);
        Assert.Equal("identity-not-assigned", (await other.RefreshOneAsync()).Reason);
        Assert.Single(entra.Requests);
    }

    [Fact]
    public async Task Failures_have_their_reasons_no_body_is_printed_and_the_token_serves_on()
    {
        File.WriteAllText(TokenFile, "assertion-1");
        await using var entra = await StartEntraAsync();
        var variables = Variables(entra);
        variables["TOKENBROKER__Tokens__AttemptTimeout"] = "2s";
        await using var scene = await SourceScene.StartAsync(variables, ["--log-level", "trace"]);
        await scene.Sidecar.UntilReadyAsync();

        var found = new List<string>();
        foreach (var (answer, reason) in new[]
        {
            (IdentityAnswer.Error(400, "invalid_grant"), "refused"),
            (IdentityAnswer.Error(401, "invalid_client"), "refused"),
            (IdentityAnswer.Error(403), "refused"),
            (IdentityAnswer.Error(429), "throttled"),
            (IdentityAnswer.Error(500), "endpoint-failing"),
            (IdentityAnswer.Error(503), "endpoint-failing"),
            (IdentityAnswer.Garbage, "invalid-answer"),
            (IdentityAnswer.Hang, "timed-out"),
        })
        {
            entra.Answer(answer);
            var row = await scene.RefreshOneAsync();
            found.Add($"{answer.Status} {row.Reason} ({row.Detail})");
            Assert.True(row.Reason == reason, $"wanted {reason}: {string.Join(", ", found)}");
            Assert.Equal(entra.Tokens[0], await scene.TokenAtStorageAsync());
        }

        File.Delete(TokenFile);
        var missing = await scene.RefreshOneAsync();
        Assert.Equal(("refused", "the file that AZURE_FEDERATED_TOKEN_FILE names cannot be read"), (missing.Reason, missing.Detail));
        File.WriteAllText(TokenFile, "assertion-2");
        entra.AnswerAsEver();
        Assert.Equal("refreshed", (await scene.RefreshOneAsync()).Outcome);
        Assert.DoesNotContain(IdentityAnswer.BodyMark, scene.Sidecar.Run.Output, StringComparison.Ordinal);
        Assert.Equal(10, entra.Requests.Count); // none was sent twice
    }

    [Fact]
    public async Task Web_proxy_of_the_environment_is_used_on_the_way_to_Entra()
    {
        File.WriteAllText(TokenFile, "assertion-1");
        await using var entra = await StartEntraAsync();
        await using var proxy = await IdentityEndpoint.StartAsync(new AppServiceProtocol("unused"));
        var variables = Variables(entra);
        variables["HTTPS_PROXY"] = proxy.Address.AbsoluteUri;
        await using var scene = await SourceScene.StartAsync(variables);

        Assert.Equal("unreachable", (await scene.RefreshOneAsync()).Reason); // this proxy lets nobody through
        Assert.All(proxy.Requests, request => Assert.Equal("CONNECT", request.Method));
        Assert.NotEmpty(proxy.Requests);
        Assert.Empty(entra.Requests);
    }

    [Fact]
    public async Task Entra_with_a_certificate_that_nobody_vouches_for_gets_no_assertion()
    {
        File.WriteAllText(TokenFile, "assertion-1");
        await using var entra = await StartEntraAsync();
        var variables = Variables(entra);
        variables.Remove("SSL_CERT_FILE");
        await using var scene = await SourceScene.StartAsync(variables);

        Assert.Equal("unreachable", (await scene.RefreshOneAsync()).Reason);
        Assert.Empty(entra.Requests);
    }

    private Task<IdentityEndpoint> StartEntraAsync() => IdentityEndpoint.StartAsync(
        new WorkloadIdentityProtocol(Tenant, Client, () => File.ReadAllText(TokenFile)), _certificates.Server);

    private Dictionary<string, string> Variables(IdentityEndpoint entra) => new()
    {
        ["AZURE_FEDERATED_TOKEN_FILE"] = TokenFile,
        ["AZURE_TENANT_ID"] = Tenant,
        ["AZURE_CLIENT_ID"] = Client,
        ["AZURE_AUTHORITY_HOST"] = entra.Address.AbsoluteUri,
        ["SSL_CERT_FILE"] = _certificates.WriteTo(_directory.Path).Authority,
    };
}
