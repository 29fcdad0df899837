using Azure.Storage.Sas;
using TokenBroker.TestSupport.Network;
using Xunit;

namespace TokenBroker.Tests.CallerKey;

/// <summary>A SAS is no way to read, by copying it, what the SAS does not open: whatever the source's address says, and whoever's it is.</summary>
public class SasCopySourceTests
{
    private const string Sync = "x-ms-requires-sync: true\r\n";

    private static DateTimeOffset InAnHour => TimeProvider.System.GetUtcNow().AddHours(1);

    [Theory]
    [InlineData("?", "r", "", null)]
    [InlineData("?", "w", "", "caller-key-sas-permission")]
    [InlineData("?comp=tags&", "t", "", "caller-key-sas-operation")]
    [InlineData("?comp=metadata&", "r", "", "caller-key-sas-operation")]
    [InlineData("?restype=container&comp=list&", "l", "", "caller-key-sas-operation")]
    [InlineData("?", "r", "x-ms-copy-source-tag-option: COPY\r\n", "caller-key-sas-permission")]
    [InlineData("?", "rt", "x-ms-copy-source-tag-option: COPY\r\n", null)]
    public async Task Source_needs_a_SAS_that_may_read_that_blob_and_no_other_use_of_it(string query, string permissions, string headers, string? reason)
    {
        await using var keyed = await StartAsync();
        var answer = await CopyAsync(keyed, $"http://HOST/acct/private/secret{query}{Sas(keyed, permissions, "private", "secret")}", Sync + headers);

        AssertReason(keyed, reason, answer);
    }

    [Theory]
    [InlineData("?restype=account&comp=properties&")]
    [InlineData("?restype=service&comp=properties&")]
    [InlineData("?comp=list&")]
    public async Task Accounts_SAS_for_something_else_opens_no_source(string query)
    {
        await using var keyed = await StartAsync();
        var sas = new AccountSasBuilder(AccountSasPermissions.List, InAnHour, AccountSasServices.Blobs, AccountSasResourceTypes.Service);

        AssertReason(keyed, "caller-key-sas-operation", await CopyAsync(keyed, $"http://HOST/acct/private/secret{query}{sas.ToSasQueryParameters(keyed.Credential)}", Sync));
    }

    [Theory]
    [InlineData("https://acct-secondary.blob.core.windows.net/private/secret", Sync)]
    [InlineData("https://acct-microsoftrouting.blob.core.windows.net/private/secret", "")]
    [InlineData("https://acct.blob.core.windows.net./private/secret", "")]
    [InlineData("https://localhost:1/acct/private/secret", "")]
    [InlineData("https://127.1:1//acct/private/secret", "")]
    [InlineData("https://localhost:1/%61cct/private/secret", "")]
    [InlineData("https://custom.example/private/secret", "")] // may be the account's own domain, read by the request's own token
    public async Task Source_under_another_name_of_the_account_is_refused(string source, string headers)
    {
        await using var keyed = await StartAsync();
        AssertReason(keyed, "caller-key-source", await CopyAsync(keyed, source, headers));
    }

    [Theory]
    [InlineData("https://custom.example/public/blob", Sync)] // storage fetches it as a stranger does
    [InlineData("https://custom.example/public/blob?sig=abc", "")]
    public async Task Source_elsewhere_that_the_token_cannot_open_passes(string source, string headers)
    {
        await using var keyed = await StartAsync();
        AssertReason(keyed, null, await CopyAsync(keyed, source, headers));
    }

    [Fact]
    public async Task Blobs_SAS_of_an_old_version_is_not_made_into_one_for_a_snapshot()
    {
        await using var keyed = await StartAsync();
        var expiry = InAnHour.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        var signature = Uri.EscapeDataString(keyed.Sign($"r\n\n{expiry}\n/blob/acct/private/secret\n\n\n\n2017-11-09\n\n\n\n\n"));
        var sas = $"sp=r&se={Uri.EscapeDataString(expiry)}&sv=2017-11-09&sig={signature}";

        Assert.Equal(200, (await keyed.Broker.GetAsync($"/acct/private/secret?{sas}&sr=b")).Status);
        foreach (var other in new[] { "sr=bs&snapshot=2026-01-01T00:00:00.0000000Z", "sr=bv&versionid=1" })
            Assert.Equal("caller-key-sas-kind", (await keyed.Broker.GetAsync($"/acct/private/secret?{sas}&{other}")).Header("x-tokenbroker-reason"));
    }

    [Theory]
    [InlineData("X-HTTP-Method-Override: DELETE\r\n")]
    [InlineData("X-HTTP-Method: DELETE\r\n")]
    [InlineData("x-ms-rename-source: /private/other\r\n")]
    public async Task Header_that_means_another_operation_is_none_that_a_SAS_allows(string header)
    {
        await using var keyed = await StartAsync();
        var before = keyed.Broker.Storage.Requests.Count;
        var answer = await keyed.Broker.GetAsync($"/acct/private/secret?{Sas(keyed, "r", "private", "secret")}", header);

        Assert.Equal("caller-key-sas-operation", answer.Header("x-tokenbroker-reason"));
        Assert.Equal(before, keyed.Broker.Storage.Requests.Count);
    }

    private static async Task<KeyedBroker> StartAsync()
    {
        var keyed = await KeyedBroker.StartAsync();
        keyed.Broker.Storage.Account().CreateContainer("private");
        await keyed.Client().GetBlobContainerClient("private").GetBlobClient("secret").UploadAsync(BinaryData.FromString("content"));
        return keyed;
    }

    private static string Sas(KeyedBroker keyed, string permissions, string container, string blob)
    {
        var sas = new BlobSasBuilder { BlobContainerName = container, BlobName = blob, Resource = "b", ExpiresOn = InAnHour };
        sas.SetPermissions(permissions, normalize: true);
        return sas.ToSasQueryParameters(keyed.Credential).ToString();
    }

    private static Task<RawResponse> CopyAsync(KeyedBroker keyed, string source, string headers) => keyed.Broker.SendAsync(
        $"PUT /acct/c/target?{Sas(keyed, "rwt", "c", "target")} HTTP/1.1\r\nHost: HOST\r\nx-ms-version: 2021-12-02\r\n"
        + $"x-ms-copy-source: {source}\r\n{headers}Content-Length: 0\r\n\r\n");

    private static void AssertReason(KeyedBroker keyed, string? reason, RawResponse answer)
    {
        Assert.Equal(reason, answer.Header("x-tokenbroker-reason"));
        Assert.Equal(reason is null ? 2 : 1, keyed.Broker.Storage.Requests.Count); // the first put the blob there
    }
}
