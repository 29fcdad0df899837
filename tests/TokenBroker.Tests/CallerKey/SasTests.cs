using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Specialized;
using Azure.Storage.Sas;
using TokenBroker.Configuration;
using Xunit;

namespace TokenBroker.Tests.CallerKey;

/// <summary>SAS made by the real library: each opens what it says, for as long as it says, and nothing beside that.</summary>
public class SasTests
{
    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private static BlobSasBuilder Blob(string permissions, string blob = "b") => Service(permissions, "b", blob);

    private static BlobSasBuilder Container(string permissions, string container = "c") => Service(permissions, "c", null, container);

    private static BlobSasBuilder Service(string permissions, string resource, string? blob, string container = "c")
    {
        var sas = new BlobSasBuilder { BlobContainerName = container, BlobName = blob, Resource = resource, ExpiresOn = Now.AddHours(1) };
        sas.SetPermissions(permissions, normalize: true);
        return sas;
    }

    private static AccountSasBuilder Account(string permissions, AccountSasResourceTypes types = AccountSasResourceTypes.All)
    {
        var sas = new AccountSasBuilder(AccountSasPermissions.Read, Now.AddHours(1), AccountSasServices.Blobs, types);
        sas.SetPermissions(permissions);
        return sas;
    }

    private static BlobClient At(KeyedBroker keyed, BlobSasBuilder sas, string blob = "b", string container = "c", StorageSharedKeyCredential? credential = null) =>
        keyed.Client(sas.ToSasQueryParameters(credential ?? keyed.Credential).ToString()).GetBlobContainerClient(container).GetBlobClient(blob);

    private static async Task<KeyedBroker> StartAsync()
    {
        var keyed = await KeyedBroker.StartAsync();
        await keyed.Client().GetBlobContainerClient("c").GetBlobClient("b").UploadAsync(BinaryData.FromString("content"));
        return keyed;
    }

    [Theory]
    [InlineData("a space/100%/grün")]
    [InlineData("a+b&c=d;e:f@g$h,i'(j)!k*l~m")]
    [InlineData("a//b?c#d")]
    [InlineData("50%2Fhalf")]
    public async Task Blobs_own_SAS_opens_that_blob_whatever_it_is_called(string name)
    {
        await using var keyed = await StartAsync();
        var blob = At(keyed, Blob("rwd", name), name);

        await blob.UploadAsync(BinaryData.FromString("new"), overwrite: true);
        Assert.Equal("new", (await blob.DownloadContentAsync()).Value.Content.ToString());
        await blob.DeleteAsync();
        await SharedKeyTests.RefusedAsync("caller-key-mismatch", "AuthenticationFailed", () => At(keyed, Blob("r", name)).DownloadContentAsync());
    }

    [Fact]
    public async Task Response_headers_in_a_SAS_are_signed_and_applied()
    {
        await using var keyed = await StartAsync();
        var sas = Blob("r");
        (sas.CacheControl, sas.ContentDisposition, sas.ContentType, sas.ContentLanguage) = ("no-cache", "attachment; filename=\"ü b.txt\"", "text/x-own", "de");

        Assert.Equal("text/x-own", (await At(keyed, sas).DownloadContentAsync()).Value.Details.ContentType);
    }

    [Fact]
    public async Task Containers_SAS_opens_its_blobs_and_its_list_and_no_other_container()
    {
        await using var keyed = await StartAsync();
        keyed.Broker.Storage.Account().CreateContainer("d");
        var sas = Container("rl");

        await At(keyed, sas).DownloadContentAsync();
        await foreach (var _ in At(keyed, sas).GetParentBlobContainerClient().GetBlobsAsync())
            continue;
        await SharedKeyTests.RefusedAsync("caller-key-mismatch", "AuthenticationFailed", () => At(keyed, sas, container: "d").DownloadContentAsync());
        await SharedKeyTests.RefusedAsync("caller-key-sas-permission", "AuthorizationPermissionMismatch", () => At(keyed, sas).DeleteAsync());
        await SharedKeyTests.RefusedAsync("caller-key-sas-permission", "AuthorizationPermissionMismatch", () => At(keyed, Container("rwdl")).GetParentBlobContainerClient().DeleteAsync());
    }

    [Fact]
    public async Task Accounts_SAS_opens_what_its_types_and_permissions_name()
    {
        await using var keyed = await StartAsync();
        BlobServiceClient With(AccountSasBuilder sas) => keyed.Client(sas.ToSasQueryParameters(keyed.Credential).ToString());

        await With(Account("rl")).GetBlobContainerClient("c").GetBlobClient("b").DownloadContentAsync();
        await foreach (var _ in With(Account("rl")).GetBlobContainersAsync())
            continue;
        await SharedKeyTests.RefusedAsync("caller-key-sas-resource", "AuthorizationResourceTypeMismatch",
            () => With(Account("r", AccountSasResourceTypes.Container)).GetBlobContainerClient("c").GetBlobClient("b").DownloadContentAsync());
        await SharedKeyTests.RefusedAsync("caller-key-sas-permission", "AuthorizationPermissionMismatch",
            () => With(Account("l")).GetBlobContainerClient("c").GetBlobClient("b").DownloadContentAsync());
        var queues = new AccountSasBuilder(AccountSasPermissions.All, Now.AddHours(1), AccountSasServices.Queues, AccountSasResourceTypes.All);
        await SharedKeyTests.RefusedAsync("caller-key-sas-resource", "AuthorizationResourceTypeMismatch",
            () => With(queues).GetBlobContainerClient("c").GetBlobClient("b").DownloadContentAsync());
    }

    [Theory]
    [InlineData(null, -1, null, null, "caller-key-sas-time")]
    [InlineData(5, 60, null, null, "caller-key-sas-time")]
    [InlineData(-5, 60, null, null, null)]
    [InlineData(null, 60, "127.0.0.1", null, null)]
    [InlineData(null, 60, "127.0.0.0-127.0.0.9", null, null)]
    [InlineData(null, 60, "10.0.0.1", null, "caller-key-sas-address")]
    [InlineData(null, 60, "127.0.0.2-127.0.0.9", null, "caller-key-sas-address")]
    [InlineData(null, 60, null, "https", "caller-key-sas-protocol")]
    [InlineData(null, 60, null, "https,http", null)]
    public async Task Start_expiry_address_and_protocol_are_held_to(int? start, int end, string? addresses, string? protocol, string? reason)
    {
        await using var keyed = await StartAsync();
        var sas = Blob("r");
        sas.ExpiresOn = Now.AddMinutes(end);
        sas.StartsOn = start is { } minutes ? Now.AddMinutes(minutes) : default;
        sas.IPRange = addresses is null ? default : SasIPRange.Parse(addresses);
        sas.Protocol = protocol switch { null => SasProtocol.None, "https" => SasProtocol.Https, _ => SasProtocol.HttpsAndHttp };
        var sent = keyed.Broker.Storage.Requests.Count;

        var answer = await keyed.Broker.GetAsync($"/acct/c/b?{sas.ToSasQueryParameters(keyed.Credential)}");

        Assert.Equal((reason is null ? 200 : 403, reason), (answer.Status, answer.Header("x-tokenbroker-reason")));
        Assert.Equal(reason is null ? sent + 1 : sent, keyed.Broker.Storage.Requests.Count);
    }

    [Fact]
    public async Task SAS_of_another_key_is_a_wrong_signature()
    {
        await using var keyed = await StartAsync();
        var other = new StorageSharedKeyCredential("acct", CallerKeys.Generate());

        await SharedKeyTests.RefusedAsync("caller-key-mismatch", "AuthenticationFailed", () => At(keyed, Blob("r"), credential: other).DownloadContentAsync());
    }

    [Fact]
    public async Task Permission_to_create_is_none_to_overwrite()
    {
        await using var keyed = await StartAsync();
        var created = At(keyed, Container("c"), "new");

        await created.UploadAsync(BinaryData.FromString("first"), overwrite: true);
        var refused = await Assert.ThrowsAsync<Azure.RequestFailedException>(() => created.UploadAsync(BinaryData.FromString("second"), overwrite: true));
        Assert.Equal(409, refused.Status);
        Assert.Equal("first", (await At(keyed, Container("r"), "new").DownloadContentAsync()).Value.Content.ToString());
    }

    [Fact]
    public async Task SAS_needs_one_more_for_what_it_copies()
    {
        await using var keyed = await StartAsync();
        var target = At(keyed, Container("rw"), "target");
        var source = new Uri($"{keyed.Endpoint}/c/b");

        await SharedKeyTests.RefusedAsync("caller-key-source", "CannotVerifyCopySource", () => target.SyncCopyFromUriAsync(source));
        await SharedKeyTests.RefusedAsync("caller-key-sas-permission", "AuthorizationPermissionMismatch",
            () => target.SyncCopyFromUriAsync(new Uri($"{source}?{Blob("w").ToSasQueryParameters(keyed.Credential)}")));
        await target.SyncCopyFromUriAsync(new Uri($"{source}?{Blob("r").ToSasQueryParameters(keyed.Credential)}"));
        await keyed.Client().GetBlobContainerClient("c").GetBlobClient("target").SyncCopyFromUriAsync(source);
    }

    [Theory]
    [InlineData("sr=b", "sr=c", "caller-key-mismatch")]
    [InlineData("sp=r", "sp=rw", "caller-key-mismatch")]
    [InlineData("&sr=b", "", "caller-key-sas-kind")]
    [InlineData("sr=b", "sr=d", "caller-key-sas-kind")]
    [InlineData("sr=b", "sr=b&ss=b", "caller-key-sas-kind")]
    [InlineData("sr=b", "sr=b&si=policy", "caller-key-stored-policy")]
    [InlineData("sr=b", "sr=b&skoid=1", "caller-key-delegation")]
    [InlineData("sr=b", "sr=b&srh=1", "caller-key-delegation")]
    [InlineData("sv=", "sv=2012-02-12&x=", "caller-key-sas-version")]
    [InlineData("sv=", "x=", "caller-key-sas-version")]
    [InlineData("sr=b", "sr=b&sp=r", "parameter-repeated", 400)]
    [InlineData("sr=b", "sr=b&snapshot=1", "caller-key-sas-resource")]
    [InlineData("sig=", "sig=x", "caller-key-mismatch")]
    [InlineData("sig=", "sig=&x=", "caller-key-mismatch")]
    public async Task SAS_that_was_altered_or_cannot_be_verified_is_refused(string old, string altered, string reason, int status = 403)
    {
        await using var keyed = await StartAsync();
        var sent = keyed.Broker.Storage.Requests.Count;
        var sas = Blob("r").ToSasQueryParameters(keyed.Credential).ToString();
        Assert.Contains(old, sas, StringComparison.Ordinal);

        var answer = await keyed.Broker.GetAsync($"/acct/c/b?{sas.Replace(old, altered, StringComparison.Ordinal)}");

        Assert.Equal((status, reason), (answer.Status, answer.Header("x-tokenbroker-reason")));
        Assert.Equal(sent, keyed.Broker.Storage.Requests.Count);
    }

    [Fact]
    public async Task SAS_beside_an_Authorization_header_is_refused_and_one_without_a_version_header_is_not()
    {
        await using var keyed = await StartAsync();
        var sas = Blob("r").ToSasQueryParameters(keyed.Credential);

        Assert.Equal("caller-key-both", (await keyed.Broker.GetAsync($"/acct/c/b?{sas}", "Authorization: SharedKey acct:AAAA\r\n")).Header("x-tokenbroker-reason"));
        Assert.Equal(200, (await keyed.Broker.SendAsync($"GET /acct/c/b?{sas} HTTP/1.1\r\nHost: HOST\r\n\r\n")).Status);
        Assert.Equal("version-missing", (await keyed.Broker.SendAsync("GET /acct/c/b HTTP/1.1\r\nHost: HOST\r\n\r\n")).Header("x-tokenbroker-reason"));
    }
}
