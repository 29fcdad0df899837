using TokenBroker.Imds.Identities;
using Xunit;

namespace TokenBroker.Tests.Functional;

/// <summary>What storage is told to copy from, and whose token it gets for that.</summary>
public class CopySourceTests
{
    private static readonly Guid OtherIdentity = new("22222222-2222-2222-2222-222222222222");
    private const string Sync = "x-ms-requires-sync: true\r\n";

    /// <summary>Two accounts, each with an identity of its own; <c>HOST</c> is the sidecar, <c>STORE</c> storage itself.</summary>
    private static async Task<RunningBroker> StartAsync() => await RunningBroker.StartAsync(
        options => options with
        {
            Accounts = [options.Accounts[0], options.Accounts[0] with
            {
                Name = "other",
                Endpoint = new(options.Accounts[0].Endpoint, "/other"),
                SecondaryEndpoint = new(options.Accounts[0].Endpoint, "/other-secondary"),
                Identity = new(TokenBroker.Configuration.IdentityKind.ClientId, OtherIdentity.ToString()),
            }],
        },
        identities: new() { Identities = [EmulatedIdentity.System(), EmulatedIdentity.User("other", OtherIdentity)] });

    private static string Write(RunningBroker broker, string text) => text
        .Replace("HOST", broker.Data.Authority, StringComparison.Ordinal)
        .Replace("PORT", broker.Data.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("STORE", broker.Storage.Address.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal);

    private static async Task<(int Status, string? Reason, TokenBroker.TestSupport.Storage.RecordedRequest? Seen)> PutAsync(RunningBroker broker, string source, string headers = "", string query = "")
    {
        var answer = await broker.SendAsync(Write(broker,
            $"PUT /acct/c/copy{query} HTTP/1.1\r\nHost: HOST\r\nx-ms-version: 2019-02-02\r\nx-ms-copy-source: {source}\r\n{headers}Content-Length: 0\r\n\r\n"));
        return (answer.Status, answer.Header("x-tokenbroker-reason"), broker.Storage.Requests.All.SingleOrDefault());
    }

    [Theory]
    [InlineData("http://HOST/acct/c/a%2Fb//x", "STORE/acct/c/a%2Fb//x")]
    [InlineData("http://localhost:PORT/acct/c/b", "STORE/acct/c/b")]
    [InlineData("http://acct.localhost:PORT/c/b", "STORE/acct/c/b")]
    [InlineData("http://HOST/acct-secondary/c/b", "STORE/acct-secondary/c/b")]
    [InlineData("STORE/acct/c/b", "STORE/acct/c/b")]
    [InlineData("http://HOST/acct/c/b?sv=2021-06-08&sig=abc&snapshot=2020-01-01T00%3A00%3A00Z&sp=r", "STORE/acct/c/b?snapshot=2020-01-01T00%3A00%3A00Z")]
    [InlineData("http://HOST/acct/c/b?versionid=x%2fy&timeout=3", "STORE/acct/c/b?versionid=x%2fy")]
    [InlineData("STORE/acct/c/b?sig=abc", "STORE/acct/c/b")]
    public async Task A_source_in_the_same_account_is_written_anew(string source, string expected)
    {
        await using var broker = await StartAsync();

        var (_, reason, seen) = await PutAsync(broker, source);

        Assert.Null(reason);
        Assert.Equal(Write(broker, expected), seen!.Header("x-ms-copy-source"));
        // In the background storage takes no word for the source.
        Assert.Null(seen.Header("x-ms-copy-source-authorization"));
        Assert.Equal("2019-02-02", seen.Header("x-ms-version"));
    }

    [Theory]
    [InlineData("", Sync)]
    [InlineData("", "x-ms-blob-type: BlockBlob\r\n")]
    [InlineData("?comp=block&blockid=YQ%3D%3D", "")]
    [InlineData("?comp=page", "x-ms-page-write: update\r\n")]
    [InlineData("?comp=appendblock", "")]
    public async Task A_copy_that_waits_gets_the_token_of_the_sources_account(string query, string headers)
    {
        await using var broker = await StartAsync();

        var (_, reason, seen) = await PutAsync(broker, "http://HOST/other/c/b", headers + "x-ms-copy-source-authorization: Bearer the-clients\r\n", query);

        Assert.Null(reason);
        Assert.Equal(Write(broker, "STORE/other/c/b"), seen!.Header("x-ms-copy-source"));
        Assert.Equal("2020-10-02", seen.Header("x-ms-version"));
        var (own, source) = (seen.Bearer, seen.Header("x-ms-copy-source-authorization"));
        Assert.NotEqual("Bearer " + own, source);
        Assert.Equal(["Bearer " + own, source!], broker.Metadata.Tokens.Select(token => "Bearer " + token.Value).OrderBy(value => value != "Bearer " + own));
    }

    [Fact]
    public async Task A_copy_in_the_background_from_another_account_is_refused_with_the_cure()
    {
        await using var broker = await StartAsync();

        var (status, reason, seen) = await PutAsync(broker, "http://HOST/other/c/b?sig=abc");

        Assert.Equal((403, "copy-source-other-account"), (status, reason));
        Assert.Null(seen);
    }

    [Theory]
    [InlineData("STORE/other/c/b?sv=2021-06-08&sig=abc", "")]
    [InlineData("https://elsewhere.blob.core.windows.net/c/b?sig=abc", Sync)]
    [InlineData("https://acct.blob.core.windows.net.evil.example/c/b", Sync)]
    [InlineData("https://notacct.blob.core.windows.net/c/b", Sync)]
    [InlineData("http://127.0.0.1:1/acct/c/b", Sync)]
    [InlineData("STORE/acctX/c/b", Sync)]
    [InlineData("STORE/stranger/c/b", Sync)]
    public async Task Any_other_source_passes_as_it_is_and_never_gets_a_token(string source, string headers)
    {
        await using var broker = await StartAsync();

        var (_, reason, seen) = await PutAsync(broker, source, headers);

        Assert.Null(reason);
        Assert.Equal(Write(broker, source), seen!.Header("x-ms-copy-source"));
        Assert.Null(seen.Header("x-ms-copy-source-authorization"));
    }

    [Theory]
    [InlineData("STORE@evil.example/acct/c/b", "copy-source-malformed")]
    [InlineData("https://acct.blob.core.windows.net@evil.example/c/b", "copy-source-malformed")]
    [InlineData("http://x@HOST/acct/c/b", "copy-source-malformed")]
    [InlineData("http://HOST/acct/c/b#x", "copy-source-malformed")]
    [InlineData("http://HOST\\acct/c/b", "copy-source-malformed")]
    [InlineData("/acct/c/b", "copy-source-malformed")]
    [InlineData("http://acct.localhost:8443/c/b", "copy-source-port")]
    [InlineData("http://acct.blob.localhost/c/b", "copy-source-port")]
    [InlineData("http://HOST/acct/c/../x", "dot-segment")]
    [InlineData("STORE/acct/c/%2e%2e/x", "dot-segment")]
    [InlineData("STORE/acct//x", "container-missing")]
    [InlineData("http://HOST/stranger/c/b", "account-unknown")]
    [InlineData("http://HOST/acct@evil.example/c/b", "account-unknown")]
    [InlineData("http://HOST/acct/c/b?snapshot=a&snapshot=b", "parameter-repeated")]
    [InlineData("STORE/acct/c/b?%73napshot=a", "parameter-encoded")]
    [InlineData("http://HOST/acct/c/a\r\nx-ms-copy-source: http://HOST/acct/c/b", "header-repeated")]
    public async Task A_source_that_hides_where_it_is_is_refused_and_nothing_is_sent(string source, string expected)
    {
        await using var broker = await StartAsync();

        var (status, reason, seen) = await PutAsync(broker, source, Sync);

        Assert.Equal((400, expected), (status, reason));
        Assert.Null(seen);
    }

    [Fact]
    public async Task An_account_at_its_real_name_is_found_by_it_and_not_with_another_port()
    {
        await using var broker = await RunningBroker.StartAsync(options => options with
        {
            Accounts = [.. options.Accounts, new() { Name = "real", Endpoint = new("https://real.blob.core.windows.net") }],
        });

        Assert.Equal("copy-source-port", (await PutAsync(broker, "https://real.blob.core.windows.net:8443/c/b", Sync)).Reason);
        Assert.Equal("copy-source-port", (await PutAsync(broker, "https://real.blob.localhost:443/c/b", Sync)).Reason);
        var (_, reason, seen) = await PutAsync(broker, "http://REAL.blob.core.windows.net/c/b?sig=x", Sync);
        Assert.Null(reason);
        Assert.Equal("https://real.blob.core.windows.net/c/b", seen!.Header("x-ms-copy-source"));
        Assert.NotNull(seen.Header("x-ms-copy-source-authorization"));
    }
}
