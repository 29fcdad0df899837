using TokenBroker.Configuration;
using Xunit;
using static TokenBroker.Tests.Functional.PolicyBroker;

namespace TokenBroker.Tests.Functional;

/// <summary>What a policy refuses is refused before anything is sent, however it is spelt and wherever it stands.</summary>
public class PolicyTests
{
    [Theory]
    [InlineData("PUT /acct/c/b", "policy-write")]
    [InlineData("PUT /acct/c/b?comp=block%6Cist", "policy-write")]
    [InlineData("PUT /acct/c/b?COMP=BlockList", "policy-write")]
    [InlineData("PUT /acct/c/b?comp=block&blockid=YQ%3D%3D", "policy-create")]
    [InlineData("DELETE /acct/c/b", "policy-delete")]
    [InlineData("GET /acct/c/b?comp=tags", "policy-tag")]
    [InlineData("GET /acct/c?restype=container&comp=list&include=tags", "policy-tag")]
    [InlineData("PUT /acct/c?restype=container", "policy-admin")]
    [InlineData("PUT /acct/c?restype=Container", "policy-admin")]
    [InlineData("GET /acct?comp=list", "policy-admin")]
    [InlineData("GET /acct/c/b?comp=", "policy-unknown")]
    [InlineData("GET /acct/c/b?comp=x", "policy-unknown")]
    [InlineData("GET /acct/c/b?comp=metadat%C4%B1", "policy-unknown")]
    [InlineData("DELETE /acct/c/b?comp=tier", "policy-unknown")]
    [InlineData("POST /acct/c/b?comp=batch", "policy-unknown")]
    [InlineData("GET /acct/c/", "policy-unknown")]
    public async Task Read_only_refuses_all_that_is_not_read_or_list(string line, string reason)
    {
        await using var broker = await StartAsync(ReadOnly);
        AssertRefused(broker, await SendAsync(broker, line), reason);
    }

    [Theory]
    [InlineData("GET /acct/c/b")]
    [InlineData("GET /acct/c?restype=container&comp=list")]
    [InlineData("GET /acct/c?RESTYPE=Container&COMP=l%69st")]
    [InlineData("GET /acct-secondary/c/b")]
    [InlineData("POST /acct/c/b?comp=query")]
    [InlineData("GET /acct/c/b?sv=2021-06-08&sp=r&sr=b&sig=abc")]
    [InlineData("DELETE /other/c/b")]
    public async Task Read_only_lets_reads_and_lists_pass_and_other_accounts_alone(string line)
    {
        await using var broker = await StartAsync(ReadOnly);
        AssertForwarded(broker, await SendAsync(broker, line));
    }

    [Theory]
    [InlineData("GET /acct/d/b", "policy-container")]
    [InlineData("GET /acct/cc/b", "policy-container")]
    [InlineData("GET /acct/C/b", "policy-container")]
    [InlineData("GET /acct/logsx/b", "policy-container")]
    [InlineData("GET /acct/logs/b", "policy-container")]
    [InlineData("GET /acct/$root/b", "policy-container")]
    [InlineData("GET /acct/%24root/b", "policy-container")]
    [InlineData("GET /acct/c", "policy-container")] // the blob c of $root
    [InlineData("GET /acct/d?restype=container&comp=list", "policy-container")]
    [InlineData("GET /acct-secondary/d/b", "policy-container")]
    [InlineData("PUT /acct/d?restype=container", "policy-container")]
    [InlineData("GET /acct?comp=list", "policy-account")]
    [InlineData("GET /acct?comp=blobs&where=x", "policy-account")]
    [InlineData("GET /acct?restype=service&comp=properties", "policy-account")]
    [InlineData("PUT /acct/c?restype=container&comp=rename", "policy-account")]
    [InlineData("PUT /acct/c?restype=container&comp=undelete", "policy-account")]
    public async Task Containers_that_the_policy_does_not_name_are_refused_and_so_is_the_account_as_a_whole(string line, string reason)
    {
        await using var broker = await StartAsync(OnlyC);
        AssertRefused(broker, await SendAsync(broker, line), reason);
    }

    [Theory]
    [InlineData("GET /acct/c/b")]
    [InlineData("GET /acct/c/%2e%2ex")]
    [InlineData("PUT /acct/logs-1?restype=container")]
    [InlineData("DELETE /acct/c/b?snapshot=x")]
    public async Task Containers_that_the_policy_names_are_served(string line)
    {
        await using var broker = await StartAsync(OnlyC);
        AssertForwarded(broker, await SendAsync(broker, line));
    }

    [Fact]
    public async Task The_root_container_is_named_by_its_own_name()
    {
        await using var broker = await StartAsync(new() { Containers = ["$root"] });

        AssertForwarded(broker, await SendAsync(broker, "GET /acct/%24root/b"));
        Assert.Null((await SendAsync(broker, "GET /acct/b")).Header("x-tokenbroker-reason"));
        Assert.Equal("policy-container", (await SendAsync(broker, "GET /acct/b?restype=container&comp=list")).Header("x-tokenbroker-reason"));
    }

    [Theory]
    [InlineData("GET /acct/c?comp=list&comp=acl", "parameter-repeated")]
    [InlineData("GET /acct/c?%63omp=list", "parameter-encoded")]
    [InlineData("GET /acct/c/../d/b", "dot-segment")]
    [InlineData("GET /acct/c%2F..%2Fd/b", "dot-segment")]
    [InlineData("GET /acct/%63/b", "name-encoded")]
    public async Task What_has_two_readings_is_refused_before_any_policy(string line, string reason)
    {
        await using var broker = await StartAsync(OnlyC);
        Assert.Equal(reason, (await SendAsync(broker, line)).Header("x-tokenbroker-reason"));
        Assert.Equal(0, broker.Storage.Requests.Count);
    }

    [Theory]
    [InlineData("acct.localhost")]
    [InlineData("acct.blob.localhost")]
    [InlineData("acct-secondary.localhost")]
    public async Task A_host_style_request_is_judged_by_the_same_policy(string host)
    {
        await using var broker = await StartAsync(OnlyC);
        host = $"{host}:{broker.Data.Port}";

        AssertRefused(broker, await SendAsync(broker, "GET /acct/b", host: host), "policy-container");
        AssertForwarded(broker, await SendAsync(broker, "GET /c/b", host: host));
    }

    [Theory]
    [InlineData("", "policy-write")]
    [InlineData("If-None-Match: \"x\"\r\n", "policy-write")]
    [InlineData("If-None-Match: *\r\nIf-None-Match: *\r\n", "policy-write")]
    [InlineData("If-None-Match: *\r\nx-ms-tags: a=b\r\n", "policy-tag")]
    [InlineData("If-None-Match: *\r\nx-ms-legal-hold: true\r\n", "policy-admin")]
    [InlineData("If-None-Match: *\r\n", null)]
    public async Task Who_may_only_create_cannot_overwrite(string headers, string? reason)
    {
        await using var broker = await StartAsync(new() { Operations = BlobOperations.Create });

        var answer = await SendAsync(broker, "PUT /acct/c/new", headers + "x-ms-blob-type: BlockBlob\r\n");

        if (reason is null)
            AssertForwarded(broker, answer);
        else
            AssertRefused(broker, answer, reason);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_delegation_key_is_given_out_only_where_the_policy_names_it(bool policy, bool named)
    {
        await using var broker = await StartAsync(!policy ? null : new() { Operations = named ? BlobOperations.Delegate : PolicyOptions.Usual });

        var answer = await SendAsync(broker, "POST /acct/?restype=service&comp=userdelegationkey");

        if (named)
            AssertForwarded(broker, answer);
        Assert.Equal(named ? null : "delegation-key", answer.Header("x-tokenbroker-reason"));
    }
}
