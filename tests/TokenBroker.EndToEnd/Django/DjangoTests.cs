using System.Net;
using System.Text;
using Azure.Storage.Blobs;
using TokenBroker.Local;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Requirements;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.EndToEnd.Django;

/// <summary>The scenario that started it all: a Django site stores its pictures in blob storage without a key, and its visitors see them.</summary>
[Requires(Capability.Python, PythonModules = ["django", "PIL", "azure.storage.blob"]), Long]
public sealed class DjangoTests
{
    private const string Container = "pictures";

    [Fact]
    [Requires(Capability.Node, Capability.Npm)]
    public async Task Picture_uploaded_through_a_form_is_shown_to_a_visitor_who_cannot_reach_the_sidecar()
    {
        await using var environment = await LocalEnvironment.StartAsync(new LocalEnvironmentOptions { AzuriteDebugLog = true });
        var container = new BlobContainerClient(environment.ConnectionString, Container);
        await container.CreateAsync();
        await using var site = await DjangoSite.StartAsync(environment.ConnectionString, Container);
        using var visitor = new Visitor(site.Address);
        // Larger than what the site reads at once, so that it is streamed in several pieces.
        var image = NoisePng.Create(900, 600);

        var page = await visitor.UploadAsync("Noise & more", "noise ü.png", image);

        var address = Assert.Single(visitor.Pictures(page));
        Assert.Equal(site.Address.Authority, address.Authority);
        Assert.DoesNotContain(environment.ProxyEndpoint.Authority, page);
        await AssertShownAsync(visitor, address, image);
        var blob = Assert.Single(container.GetBlobs());
        Assert.Equal("image/png", blob.Properties.ContentType);

        Assert.Empty(visitor.Pictures(await visitor.DeleteFirstAsync(page)));
        Assert.Empty(container.GetBlobs());
        using var gone = await visitor.GetAsync(address);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        // Azurite writes its log when it gets round to it.
        var log = environment.AzuriteDebugLog;
        await Wait.UntilAsync(() => log.Read().ByBearer > 5, TimeSpan.FromSeconds(30), "Azurite's log of requests let in by bearer");
        Assert.Equal(0, log.Read().WithoutBearer);
    }

    [Fact]
    public async Task Site_needs_nothing_that_only_an_emulator_allows()
    {
        using var directory = new TemporaryDirectory();
        var account = new StorageAccount("demoaccount");
        account.CreateContainer(Container);
        await using var storage = await StrictStorage.StartAsync(new StrictStorageOptions { Accounts = [account] });
        await using var environment = await LocalEnvironment.StartAsync(new LocalEnvironmentOptions
        {
            StartAzurite = false,
            UpstreamEndpoint = storage.EndpointOf(account.Name),
            UpstreamCertificateAuthorityFile = storage.Certificates!.WriteTo(directory.Path).Authority,
        });
        await using var site = await DjangoSite.StartAsync(environment.ConnectionString, Container);
        using var visitor = new Visitor(site.Address);
        var image = NoisePng.Create(900, 600);

        var page = await visitor.UploadAsync("Noise", "noise.png", image);
        await AssertShownAsync(visitor, Assert.Single(visitor.Pictures(page)), image);

        var requests = storage.Requests.All;
        Assert.NotEmpty(requests);
        Assert.All(requests, request =>
        {
            Assert.False(string.IsNullOrEmpty(request.Bearer), $"no bearer: {request}");
            Assert.DoesNotContain("SharedKey", Encoding.Latin1.GetString(request.Head));
        });
        Assert.DoesNotContain(requests, request => request.Status is 401 or 403);
        Assert.Equal(HttpStatusCode.Forbidden, await visitor.PostWithoutTokenAsync());
        using var unknown = await visitor.GetAsync(new Uri(site.Address, "pictures/pattern-1000"));
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    private static async Task AssertShownAsync(Visitor visitor, Uri address, byte[] image)
    {
        using var shown = await visitor.GetAsync(address);
        Assert.Equal(HttpStatusCode.OK, shown.StatusCode);
        Assert.Equal("image/png", shown.Content.Headers.ContentType?.ToString());
        Assert.Equal(image.Length, shown.Content.Headers.ContentLength);
        Assert.NotNull(shown.Content.Headers.LastModified);
        Assert.Equal(image, await shown.Content.ReadAsByteArrayAsync());

        var etag = shown.Headers.ETag?.ToString();
        Assert.NotNull(etag);
        using var again = await visitor.GetAsync(address, ifNoneMatch: etag);
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        Assert.Empty(await again.Content.ReadAsByteArrayAsync());
    }
}
