using Azure.Storage.Sas;
using TokenBroker.Configuration;
using TokenBroker.Proxy.Policy;
using TokenBroker.Tests.Functional;
using TokenBroker.TestSupport.Network;
using Xunit;

namespace TokenBroker.Tests.CallerKey;

/// <summary>
/// Headers and parameters that make a request do more than its operation: a policy must allow that, and a SAS must have the
/// permission for it. Whatever the one knows the other knows.
/// </summary>
public class SasAdditionTests
{
    private const string Source = "x-ms-requires-sync: true\r\nx-ms-copy-source: http://HOST/acct/c/source?";

    /// <summary>The addition; the permissions that are enough without it; one more that it needs; what a policy must allow for it.</summary>
    public static TheoryData<string, string, string, string> Rows => new()
    {
        { "?restype=container&comp=list&include=tags", "l", "t", "tag" },
        { "x-ms-tags: a=b", "w", "t", "tag" },
        { "x-ms-if-tags: a='b'", "w", "t", "tag" },
        { "x-ms-source-if-tags: a='b'", "w", "t", "tag" },
        { "x-ms-copy-source-tag-option: COPY", "w", "t", "tag" },
        { "x-ms-expiry-option: NeverExpire", "c", "w", "delete" },
        { "x-ms-legal-hold: true", "w", "i", "admin" },
        { "x-ms-immutability-policy-until-date: Fri, 01 Jan 2027 00:00:00 GMT", "w", "i", "admin" },
        { "x-ms-immutability-policy-mode: unlocked", "w", "i", "admin" },
        { "x-ms-rename-source: /c/other", "w", "", "unknown" },
        { "X-HTTP-Method: DELETE", "w", "", "unknown" },
        { "X-HTTP-Method-Override: DELETE", "w", "", "unknown" },
        { "X-Method-Override: DELETE", "w", "", "unknown" },
    };

    [Fact]
    public void Every_addition_of_the_table_is_written_down_here() => Assert.Equal(
        OperationTable.Additions.Select(addition => addition.Name).Order(),
        Rows.Select(row => row.Data.Item1).Select(text => text[0] == '?' ? text.Split('&', '=')[^2] : text.Split(':')[0]).Order());

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Addition_needs_its_permission_in_a_SAS(string addition, string enough, string more, string word)
    {
        await using var keyed = await KeyedBroker.StartAsync();
        var reason = word == "unknown" ? "caller-key-sas-operation" : "caller-key-sas-permission";

        foreach (var account in new[] { false, true })
        {
            Assert.Equal(reason, Reason(await SendAsync(keyed.Broker, addition, Sas(keyed, enough, account))));
            Assert.Equal(0, keyed.Broker.Storage.Requests.Count);
        }

        if (more.Length == 0)
            return;
        Assert.Null(Reason(await SendAsync(keyed.Broker, addition, Sas(keyed, enough + more))));
        Assert.Equal(1, keyed.Broker.Storage.Requests.Count);
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Addition_needs_its_operation_in_a_policy(string addition, string enough, string more, string word)
    {
        Assert.NotEmpty(enough + more);
        var wanted = BlobOperationWords.All.FirstOrDefault(operation => operation.Word() == word);
        await using var without = await PolicyBroker.StartAsync(new() { Operations = PolicyOptions.Usual & ~wanted });

        var refused = await SendAsync(without, addition, "");
        Assert.Equal(word == "unknown" ? "policy-unknown" : $"policy-{word}", Reason(refused));
        Assert.Equal(0, without.Storage.Requests.Count);
        if (word == "unknown")
            return;
        await using var with = await PolicyBroker.StartAsync(new() { Operations = PolicyOptions.Usual });
        Assert.Null(Reason(await SendAsync(with, addition, "")));
        Assert.Equal(1, with.Storage.Requests.Count);
    }

    [Theory]
    [InlineData("GET", "/acct/c/b", "r", "t", "x-ms-if-tags: a='b'\r\n")]
    [InlineData("HEAD", "/acct/c/b", "r", "t", "X-MS-If-Tags: a='b'\r\n")]
    [InlineData("GET", "/acct/c/b?comp=metadata&", "r", "t", "x-ms-if-tags: a='b'\r\n")]
    [InlineData("DELETE", "/acct/c/b", "d", "t", "x-ms-if-tags: a='b'\r\n")]
    [InlineData("PUT", "/acct/c/b?comp=metadata&", "w", "t", "x-ms-if-tags: a='b'\r\n")]
    [InlineData("PUT", "/acct/c/b?comp=blocklist&", "w", "t", "x-ms-tags: a=b\r\n")]
    [InlineData("PUT", "/acct/c/b", "c", "t", "x-ms-tags: a=b\r\n")]
    [InlineData("GET", "/acct/c?restype=container&comp=list&include=metadata,t%61gs&", "l", "t")]
    [InlineData("GET", "/acct/c?restype=container&comp=list&INCLUDE=snapshots%2CTAGS&", "l", "t")]
    [InlineData("GET", "/acct/c?restype=container&comp=list&include=%2574ags&", "l", "t")]
    [InlineData("GET", "/acct/c?restype=container&comp=list&include=tag%C5%BF&", "l", "t")] // the long s
    [InlineData("GET", "/acct/c?restype=container&comp=list&include=%EF%BD%94ags&", "l", "t")] // full width
    public async Task Addition_is_known_in_every_operation_and_spelling(string method, string target, string enough, string more, string headers = "")
    {
        await using var keyed = await KeyedBroker.StartAsync();
        var separator = target.EndsWith('&') ? "" : "?";
        async Task<RawResponse> WithAsync(string permissions)
        {
            await using var connection = await RawConnection.OpenAsync(keyed.Broker.Data);
            await connection.SendAsync($"{method} {target}{separator}{Sas(keyed, permissions)} HTTP/1.1\r\nHost: {keyed.Broker.Data.Authority}\r\nx-ms-version: 2021-12-02\r\n"
                + $"x-ms-blob-type: BlockBlob\r\n{headers}{(method == "PUT" ? "Content-Length: 0\r\n" : "")}\r\n");
            return await connection.ReadResponseAsync(toHead: method == "HEAD");
        }

        Assert.Equal("caller-key-sas-permission", Reason(await WithAsync(enough)));
        Assert.Equal(0, keyed.Broker.Storage.Requests.Count);
        Assert.Null(Reason(await WithAsync(enough + more)));
        Assert.Equal(1, keyed.Broker.Storage.Requests.Count);
    }

    [Theory]
    [InlineData("x-ms-source-if-tags: a='b'\r\n", "w", "rt", "caller-key-sas-permission")]
    [InlineData("x-ms-source-if-tags: a='b'\r\n", "wt", "r", "caller-key-sas-permission")]
    [InlineData("x-ms-source-if-tags: a='b'\r\n", "wt", "rt", null)]
    [InlineData("x-ms-copy-source-tag-option: COPY\r\n", "w", "rt", "caller-key-sas-permission")]
    [InlineData("x-ms-copy-source-tag-option: COPY\r\n", "wt", "r", "caller-key-sas-permission")]
    [InlineData("x-ms-copy-source-tag-option: COPY\r\n", "wt", "rt", null)]
    [InlineData("x-ms-copy-source-tag-option: REPLACE\r\n", "w", "r", null)]
    [InlineData("x-ms-if-tags: a='b'\r\n", "wt", "r", null)] // the target's tags, not the source's
    public async Task Copy_needs_the_permission_for_tags_at_both_ends(string header, string target, string source, string? reason)
    {
        await using var keyed = await KeyedBroker.StartAsync();
        var answer = await SendAsync(keyed.Broker, header + Source + Sas(keyed, source), Sas(keyed, target));

        Assert.Equal(reason, Reason(answer));
        Assert.Equal(reason is null ? 1 : 0, keyed.Broker.Storage.Requests.Count);
    }

    [Fact]
    public async Task Condition_on_the_sources_tags_needs_tag_in_the_policy_of_its_account()
    {
        await using var broker = await PolicyBroker.StartAsync(new() { Operations = PolicyOptions.Usual }, new() { Operations = BlobOperations.Read });
        var answer = await SendAsync(broker, "x-ms-source-if-tags: a='b'\r\nx-ms-requires-sync: true\r\nx-ms-copy-source: http://HOST/other/c/source", "");

        Assert.Equal("policy-copy-source", Reason(answer));
        Assert.Equal(0, broker.Storage.Requests.Count);
    }

    [Theory]
    [InlineData("d", "caller-key-sas-permission")]
    [InlineData("dt", null)]
    public async Task Addition_in_a_part_of_a_batch_needs_its_permission(string permissions, string? reason)
    {
        await using var keyed = await KeyedBroker.StartAsync();
        var body = $"--b\r\nContent-Type: application/http\r\n\r\nDELETE /acct/c/b?{Sas(keyed, permissions)} HTTP/1.1\r\nx-ms-if-tags: a='b'\r\n\r\n--b--\r\n";
        var answer = await keyed.Broker.SendAsync($"POST /acct/c?restype=container&comp=batch&{Sas(keyed, "d")} HTTP/1.1\r\nHost: HOST\r\nx-ms-version: 2021-12-02\r\n"
            + $"Content-Type: multipart/mixed; boundary=b\r\nContent-Length: {body.Length}\r\n\r\n{body}");

        Assert.Equal(reason, Reason(answer));
        Assert.Equal(reason is null ? 1 : 0, keyed.Broker.Storage.Requests.Count);
    }

    /// <param name="broker">The sidecar.</param>
    /// <param name="addition">A header of a Put Blob, or the query of a list.</param>
    /// <param name="sas">A SAS, or nothing.</param>
    private static Task<RawResponse> SendAsync(RunningBroker broker, string addition, string sas) => addition[0] == '?'
        ? broker.SendAsync($"GET /acct/c{addition}&{sas} HTTP/1.1\r\nHost: HOST\r\nx-ms-version: 2021-12-02\r\n\r\n")
        : broker.SendAsync($"PUT /acct/c/b?{sas} HTTP/1.1\r\nHost: HOST\r\nx-ms-version: 2023-08-03\r\n{(addition.Contains("copy-source:", StringComparison.Ordinal) ? "" : "x-ms-blob-type: BlockBlob\r\n")}{addition}\r\nContent-Length: 0\r\n\r\n");

    private static string Sas(KeyedBroker keyed, string permissions, bool account = false)
    {
        var expiry = TimeProvider.System.GetUtcNow().AddHours(1);
        if (account)
        {
            var wide = new AccountSasBuilder(AccountSasPermissions.Read, expiry, AccountSasServices.Blobs, AccountSasResourceTypes.All);
            wide.SetPermissions(permissions);
            return wide.ToSasQueryParameters(keyed.Credential).ToString();
        }

        var sas = new BlobSasBuilder { BlobContainerName = "c", Resource = "c", ExpiresOn = expiry };
        sas.SetPermissions(permissions, normalize: true);
        return sas.ToSasQueryParameters(keyed.Credential).ToString();
    }

    private static string? Reason(RawResponse answer) => answer.Header("x-tokenbroker-reason");
}
