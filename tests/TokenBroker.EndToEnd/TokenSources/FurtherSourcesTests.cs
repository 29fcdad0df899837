using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Identity;
using TokenBroker.TestSupport.Requirements;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.EndToEnd.TokenSources;

/// <summary>Cloud Shell, Service Fabric and the Azure CLI: from their variables, or their program, to storage.</summary>
[Long]
public class FurtherSourcesTests
{
    private const string Secret = "secret-of-the-platform";

    [Fact]
    public async Task Cloud_Shell_is_asked_with_a_form_and_asked_again_at_a_refresh()
    {
        await using var endpoint = await IdentityEndpoint.StartAsync(new CloudShellProtocol());
        await using var scene = await SourceScene.StartAsync(new Dictionary<string, string>
        {
            ["MSI_ENDPOINT"] = new Uri(endpoint.Address, "/oauth2/token").AbsoluteUri,
        });
        await scene.Sidecar.UntilReadyAsync();

        Assert.Equal(endpoint.Tokens[0], await scene.TokenAtStorageAsync());
        var refreshed = await scene.RefreshOneAsync();
        Assert.Equal(("cloud-shell", "refreshed"), (refreshed.Source, refreshed.Outcome));
        Assert.Equal(endpoint.Tokens[1], await scene.TokenAtStorageAsync());
        endpoint.Answer(IdentityAnswer.Error(502));
        Assert.Equal("endpoint-failing", (await scene.RefreshOneAsync()).Reason);
        Assert.Equal(3, endpoint.Requests.Count);
    }

    [Fact]
    public async Task Service_Fabrics_certificate_is_taken_by_its_thumbprint_alone()
    {
        using var certificate = SelfSigned();
        await using var endpoint = await IdentityEndpoint.StartAsync(new ServiceFabricProtocol(Secret), certificate);
        var variables = new Dictionary<string, string>
        {
            ["IDENTITY_ENDPOINT"] = new Uri(endpoint.Address, "/metadata/identity/oauth2/token").AbsoluteUri,
            ["IDENTITY_HEADER"] = Secret,
            ["IDENTITY_SERVER_THUMBPRINT"] = certificate.Thumbprint,
        };
        await using (var scene = await SourceScene.StartAsync(variables))
        {
            await scene.Sidecar.UntilReadyAsync();
            Assert.Equal(endpoint.Tokens[0], await scene.TokenAtStorageAsync());
            // The library keeps this token until five minutes before its end, and cannot be told not to.
            Assert.Equal(("service-fabric", "unchanged"), await scene.RefreshOneAsync() is var row ? (row.Source, row.Outcome) : default);
            Assert.DoesNotContain(endpoint.Requests, request => request.RawQuery.Contains("token_sha256_to_refresh", StringComparison.Ordinal));
        }

        variables["IDENTITY_SERVER_THUMBPRINT"] = new string('A', 40);
        var before = endpoint.Requests.Count;
        await using var other = await SourceScene.StartAsync(variables);
        Assert.Equal("unreachable", (await other.RefreshOneAsync()).Reason);
        Assert.Equal(before, endpoint.Requests.Count);
    }

    [Fact]
    public async Task Service_Fabrics_token_is_asked_for_again_when_little_is_left_and_failures_have_their_reasons()
    {
        using var certificate = SelfSigned();
        await using var endpoint = await IdentityEndpoint.StartAsync(new ServiceFabricProtocol(Secret), certificate);
        endpoint.TokenLifetime = TimeSpan.FromMinutes(4);
        await using var scene = await SourceScene.StartAsync(new Dictionary<string, string>
        {
            ["IDENTITY_ENDPOINT"] = new Uri(endpoint.Address, "/metadata/identity/oauth2/token").AbsoluteUri,
            ["IDENTITY_HEADER"] = Secret,
            ["IDENTITY_SERVER_THUMBPRINT"] = certificate.Thumbprint,
            ["TOKENBROKER__Tokens__AttemptTimeout"] = "2s",
        });
        await scene.Sidecar.UntilReadyAsync();

        Assert.Equal("refreshed", (await scene.RefreshOneAsync()).Outcome);
        foreach (var (answer, reason) in new[] { (IdentityAnswer.Error(500), "endpoint-failing"), (IdentityAnswer.Error(403), "refused"), (IdentityAnswer.Hang, "timed-out") })
        {
            endpoint.Answer(answer);
            Assert.Equal(reason, (await scene.RefreshOneAsync()).Reason);
            Assert.Equal(endpoint.Tokens[1], await scene.TokenAtStorageAsync());
        }

        Assert.DoesNotContain(IdentityAnswer.BodyMark, scene.Sidecar.Run.Output, StringComparison.Ordinal);
    }

    [Fact]
    [Requires(Capability.Linux)]
    public async Task Azure_CLI_is_run_for_each_token_and_only_by_explicit_choice()
    {
        using var directory = new TemporaryDirectory();
        var token = UnsignedToken.Create(TimeProvider.System.GetUtcNow().AddHours(1));
        var expires = TimeProvider.System.GetUtcNow().AddHours(1).ToUnixTimeSeconds();
        Program(directory, $$"""
            echo "$@" >> {{directory.File("calls")}}
            echo '{"accessToken":"{{token}}","expiresOn":"2099-01-01 00:00:00.000000","expires_on":{{expires}},"subscription":"s","tenant":"t","tokenType":"Bearer"}'
            """);
        var variables = new Dictionary<string, string> { ["PATH"] = $"{directory.Path}:/usr/bin:/bin" };
        await using var scene = await SourceScene.StartAsync(variables, ["--identity", "azure-cli"]);
        await scene.Sidecar.UntilReadyAsync();

        Assert.Equal(token, await scene.TokenAtStorageAsync());
        Assert.Equal(("azure-cli", "unchanged"), await scene.RefreshOneAsync() is var row ? (row.Source, row.Outcome) : default);
        var calls = File.ReadAllLines(directory.File("calls"));
        Assert.Equal(2, calls.Length);
        Assert.All(calls, call => Assert.Matches("^account get-access-token .*--resource https://storage.azure.com$", call));

        Program(directory, $"echo 'ERROR: Please run az login. {IdentityAnswer.BodyMark}' >&2; exit 1");
        Assert.Equal("not-signed-in", (await scene.RefreshOneAsync()).Reason);
        Assert.Equal(token, await scene.TokenAtStorageAsync());
        Assert.DoesNotContain(IdentityAnswer.BodyMark, scene.Sidecar.Run.Output, StringComparison.Ordinal);
    }

    private static void Program(TemporaryDirectory directory, string script)
    {
        File.WriteAllText(directory.File("az"), "#!/bin/sh\n" + script + "\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(directory.File("az"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=fabric", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var now = TimeProvider.System.GetUtcNow();
        using var made = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        // Through PKCS #12, since Windows serves no certificate whose key lives in memory only.
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null, X509KeyStorageFlags.Exportable);
    }
}
