using System.Globalization;
using TokenBroker.Configuration;
using Xunit;
using static TokenBroker.Tests.Functional.PolicyBroker;

namespace TokenBroker.Tests.Functional;

/// <summary>A policy binds every part of a batch and every source of a copy.</summary>
public class PolicyOfPartsTests
{
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
    [InlineData("https://localhost:1/acct/d/b", true)]
    [InlineData("https://127.1:1//acct/d/b", true)]
    [InlineData("https://acct-secondary.blob.core.windows.net/d/b", true)]
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
    [InlineData("https://real-secondary.blob.core.windows.net/d/b")]
    [InlineData("https://real-microsoftrouting.blob.core.windows.net/d/b")]
    [InlineData("https://photos-secondary.blob.core.windows.net/d/b")]
    public async Task A_source_is_known_by_the_endpoints_name_too_where_the_account_is_called_otherwise(string source)
    {
        await using var broker = await RunningBroker.StartAsync(options => options with
        {
            Accounts = [options.Accounts[0] with { Name = "photos", Endpoint = new("https://real.blob.core.windows.net"), Policy = OnlyC }],
        });
        AssertRefused(broker, await SendAsync(broker, "PUT /photos/c/copy", $"x-ms-copy-source: {source}\r\n"), "policy-copy-source");
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
}
