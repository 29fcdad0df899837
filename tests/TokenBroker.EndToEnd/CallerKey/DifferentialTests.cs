using System.Globalization;
using System.Net;
using TokenBroker.EndToEnd.ClientMatrix;
using TokenBroker.Local;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.CallerKey;

/// <summary>
/// One key, known to Azurite as the account's and to the sidecar as the caller's: whoever the one lets in, the other does too.
/// Left out is what Azurite does not look at or looks at otherwise: the clock window and <c>sip</c> (never checked), <c>spr</c>
/// (it is asked over https), snapshots beside a SAS (it signs the query's), encryption scopes (501), a SAS that may only
/// create (it looks at what is stored), and what headers and parameters add to an operation, such as conditions on tags and
/// <c>include=tags</c>: storage wants a permission for those, Azurite does not.
/// </summary>
[Collection(nameof(LongTests))]
[Requires(Capability.Node, Capability.Npm)]
public sealed class DifferentialTests(ITestOutputHelper output)
{
    [Fact]
    public Task Sidecar_and_Azurite_let_in_the_same_requests() => CompareAsync(first: 1, count: 300);

    [Fact]
    [Long]
    public Task Sidecar_and_Azurite_let_in_the_same_10_000_requests() => CompareAsync(first: 1000, count: 10_000);

    private async Task CompareAsync(int first, int count)
    {
        using var directory = new TemporaryDirectory();
        await using var environment = await LocalEnvironment.StartAsync(new() { StartSidecar = false });
        var file = directory.File("caller.key");
        await File.WriteAllTextAsync(file, environment.AccountKey);
        var sidecar = await environment.StartSidecarAsync(new() { Arguments = ["--caller-key", file] });
        using var direct = new HttpClient(TrustedConnection.CreateHandler(environment.CertificateAuthorityFile!));
        using var proxied = Sidecars.Http.CreateClient();
        await CreateContainerAsync(environment, sidecar.ProxyEndpoint);
        var other = CallerKeyRuns.NewKey();
        var differences = new List<string>();
        var letIn = 0;
        for (var seed = first; seed < first + count; seed++)
        {
            var generated = new GeneratedRequest(seed, environment.AccountName, environment.AccountKey, other, "differ");
            var request = await generated.SignAsync(sidecar.ProxyEndpoint);
            using var byAzurite = await request.SendAsync(direct, environment.StorageEndpoint);
            using var bySidecar = await request.SendAsync(proxied, sidecar.ProxyEndpoint);
            // 400: it takes a SharedKey signature that it cannot verify for an unknown way to sign.
            var refused = byAzurite.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized || Code(byAzurite) == "InvalidAuthenticationInfo";
            letIn += refused ? 0 : 1;
            var reason = bySidecar.Headers.TryGetValues("x-tokenbroker-reason", out var values) ? values.Single() : null;
            if (refused != reason is not null)
                differences.Add(string.Create(CultureInfo.InvariantCulture, $"seed {seed}: {generated.Description}: Azurite {(int)byAzurite.StatusCode} {Code(byAzurite)}, sidecar {(int)bySidecar.StatusCode} {reason}"));
        }

        output.WriteLine($"{letIn} of {count} were let in.");
        Assert.True(differences.Count == 0, $"{differences.Count} of {count} differ:\n{string.Join('\n', differences.Take(40))}");
        Assert.InRange(letIn, count / 5, count * 4 / 5);
    }

    private static async Task CreateContainerAsync(LocalEnvironment environment, Uri endpoint)
    {
        var options = new Azure.Storage.Blobs.BlobClientOptions();
        var service = new Azure.Storage.Blobs.BlobServiceClient(endpoint, new Azure.Storage.StorageSharedKeyCredential(environment.AccountName, environment.AccountKey), options);
        await service.CreateBlobContainerAsync("differ");
    }

    private static string Code(HttpResponseMessage answer) => answer.Headers.TryGetValues("x-ms-error-code", out var values) ? values.First() : "";
}
