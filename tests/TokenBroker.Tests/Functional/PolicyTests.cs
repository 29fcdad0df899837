using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TokenBroker.Configuration;
using TokenBroker.Proxy;
using TokenBroker.TestSupport.Network;
using Xunit;

namespace TokenBroker.Tests.Functional;

/// <summary>What a policy refuses is refused before anything is sent, however it is spelt and wherever it stands.</summary>
public class PolicyTests
{
    private const string Version = "x-ms-version: 2021-12-02\r\n";

    private static readonly PolicyOptions OnlyC = new() { Containers = ["c", "logs-*"] };
    private static readonly PolicyOptions ReadOnly = new() { Operations = PolicyOptions.ReadOnly };

    /// <summary>Two accounts; the policy is the first one's, and the second's is <paramref name="other"/>.</summary>
    private static Task<RunningBroker> StartAsync(PolicyOptions? policy, PolicyOptions? other = null, CapturedLog? log = null) => RunningBroker.StartAsync(
        options => options with
        {
            LogLevel = log is null ? options.LogLevel : LogLevel.Trace,
            Accounts = [options.Accounts[0] with { Policy = policy }, options.Accounts[0] with
            {
                Name = "other",
                Endpoint = new(options.Accounts[0].Endpoint, "/other"),
                SecondaryEndpoint = new(options.Accounts[0].Endpoint, "/other-secondary"),
                Policy = other,
            }],
        },
        configure: services =>
        {
            if (log is not null)
                services.AddSingleton<ILoggerProvider>(log);
        });

    private static Task<RawResponse> SendAsync(RunningBroker broker, string line, string headers = "", string host = "HOST") =>
        broker.SendAsync($"{line} HTTP/1.1\r\nHost: {host}\r\n{Version}{headers}"
            + (line.StartsWith("GET", StringComparison.Ordinal) ? "\r\n" : "Content-Length: 0\r\n\r\n"));

    private static Task<RawResponse> PostBatchAsync(RunningBroker broker, string target, params string[] requests)
    {
        var body = string.Concat(requests.Select((request, id) =>
            $"--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: {id}\r\n\r\n{request} HTTP/1.1\r\nContent-Length: 0\r\n\r\n")) + "--b--\r\n";
        return broker.SendAsync($"POST {target} HTTP/1.1\r\nHost: HOST\r\n{Version}Content-Type: multipart/mixed; boundary=b\r\n"
            + $"Content-Length: {Encoding.Latin1.GetByteCount(body)}\r\n\r\n{body}");
    }

    private static void AssertRefused(RunningBroker broker, RawResponse answer, string reason)
    {
        Assert.Equal((403, reason), (answer.Status, answer.Header("x-tokenbroker-reason")));
        Assert.Equal("AuthorizationPermissionMismatch", answer.Header("x-ms-error-code"));
        Assert.Equal(0, broker.Storage.Requests.Count);
    }

    private static void AssertForwarded(RunningBroker broker, RawResponse answer)
    {
        Assert.Null(answer.Header("x-tokenbroker-reason"));
        Assert.Equal(1, broker.Storage.Requests.Count);
    }

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

    [Theory]
    [InlineData("/acct/?comp=batch", "DELETE /acct/d/b", "policy-container")]
    [InlineData("/acct/?comp=batch", "PUT /acct/c/b?comp=tier", "policy-write")]
    [InlineData("/acct/d?restype=container&comp=batch", "DELETE /acct/d/b", "policy-container")]
    [InlineData("/acct/d?restype=container&comp=batch", "DELETE /d/b", "policy-container")]
    [InlineData("/acct/?comp=batch", "DELETE /acct/b", "policy-container")]
    [InlineData("/acct/?comp=batch", "DELETE /acct/c/b?comp=", "policy-unknown")]
    public async Task One_part_outside_the_policy_refuses_the_batch_before_anything_is_sent(string target, string part, string reason)
    {
        await using var broker = await StartAsync(new() { Containers = ["c"], Operations = BlobOperations.Delete });
        var fine = target.Contains("/d?", StringComparison.Ordinal) ? [] : new[] { "DELETE /acct/c/fine" };
        AssertRefused(broker, await PostBatchAsync(broker, target, [.. fine, part]), reason);
    }

    [Fact]
    public async Task A_batch_at_the_accounts_own_scope_is_judged_by_its_parts_alone()
    {
        await using var broker = await StartAsync(new() { Containers = ["c"], Operations = BlobOperations.Delete });
        AssertForwarded(broker, await PostBatchAsync(broker, "/acct/?comp=batch", "DELETE /acct/c/a", "DELETE /acct/c/b?snapshot=x"));
    }

    /// <summary><c>HOST</c> is the sidecar, <c>STORE</c> storage itself, <c>PORT</c> the sidecar's port.</summary>
    [Theory]
    [InlineData("http://HOST/acct/d/b", true)]
    [InlineData("STORE/acct/d/b", true)]
    [InlineData("http://acct.localhost:PORT/d/b", true)]
    [InlineData("http://HOST/acct-secondary/d/b", true)]
    [InlineData("http://HOST/acct/b", true)]
    [InlineData("http://HOST/acct/%24root/b", true)]
    [InlineData("STORE/other/secret/b", true)]
    [InlineData("https://acct-microsoftrouting.blob.core.windows.net/d/b", true)]
    [InlineData("https://acct.blob.core.windows.net./d/b", true)]
    [InlineData("https://ACCT.z1.blob.storage.azure.net/d/b", true)]
    [InlineData("http://HOST/acct/c/b", false)]
    [InlineData("STORE/other/public/b", false)]
    [InlineData("https://elsewhere.blob.core.windows.net/d/b?sig=x", false)]
    public async Task A_copy_needs_read_on_its_source_under_the_policy_of_the_sources_account(string source, bool refused)
    {
        await using var broker = await StartAsync(OnlyC, new() { Containers = ["public"], Operations = BlobOperations.Read });
        source = source.Replace("STORE", broker.Storage.Address.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal)
            .Replace("PORT", broker.Data.Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

        var answer = await SendAsync(broker, "PUT /acct/c/copy", $"x-ms-requires-sync: true\r\nx-ms-copy-source: {source}\r\n");

        if (refused)
            AssertRefused(broker, answer, "policy-copy-source");
        else
            AssertForwarded(broker, answer);
    }

    [Theory]
    [InlineData("PUT /acct/c/copy", "x-ms-copy-source-tag-option: COPY\r\nx-ms-requires-sync: true\r\n")]
    [InlineData("PUT /acct/c/copy", "")] // in the background, within the account
    [InlineData("PUT /acct/c/copy?comp=block&blockid=YQ%3D%3D", "")]
    public async Task A_source_that_may_not_be_read_is_refused_for_every_kind_of_copy(string line, string headers)
    {
        var operations = BlobOperations.Write | BlobOperations.Create | BlobOperations.Tag;
        await using var broker = await StartAsync(new() { Operations = operations });
        AssertRefused(broker, await SendAsync(broker, line, headers + "x-ms-copy-source: http://HOST/acct/c/b\r\n"), "policy-copy-source");
    }

    [Fact]
    public async Task A_sources_tags_are_read_only_where_its_policy_allows_tag()
    {
        await using var broker = await StartAsync(null, new() { Operations = BlobOperations.Read });
        AssertRefused(broker, await SendAsync(broker, "PUT /acct/c/copy",
            "x-ms-requires-sync: true\r\nx-ms-copy-source-tag-option: COPY\r\nx-ms-copy-source: http://HOST/other/c/b\r\n"), "policy-copy-source");
    }

    [Fact]
    public async Task Report_only_refuses_nothing_and_says_and_counts_what_it_would()
    {
        using var log = new CapturedLog();
        await using var broker = await StartAsync(OnlyC with { ReportOnly = true }, ReadOnly, log);
        var counted = new List<string>();
        using var listener = Count(broker, counted);

        AssertForwarded(broker, await SendAsync(broker, "GET /acct/d/planted?sig=planted"));
        Assert.Equal("policy-write", (await SendAsync(broker, "PUT /other/c/b")).Header("x-tokenbroker-reason"));
        await PostBatchAsync(broker, "/acct/?comp=batch", "DELETE /acct/c/planted", "DELETE /acct/d/planted");

        Assert.Equal(["acct read report", "other write enforced", "acct delete report"], counted);
        Assert.Contains($"The policy of acct would refuse read: policy-container. {Refusal.PolicyContainer.Sentence}", log.Lines);
        Assert.DoesNotContain("planted", string.Join('\n', log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_delegation_key_stays_refused_under_a_policy_that_only_reports()
    {
        await using var broker = await StartAsync(ReadOnly with { ReportOnly = true });
        Assert.Equal("delegation-key", (await SendAsync(broker, "POST /acct/?restype=service&comp=userdelegationkey")).Header("x-tokenbroker-reason"));
    }

    private static MeterListener Count(RunningBroker broker, List<string> counted)
    {
        var meters = broker.Services.GetRequiredService<IMeterFactory>();
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Name == "tokenbroker.policy.denials" && instrument.Meter.Scope == meters)
                    self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            lock (counted)
                counted.Add(string.Join(' ', tags.ToArray().Select(tag => tag.Value)));
        });
        listener.Start();
        return listener;
    }
}
