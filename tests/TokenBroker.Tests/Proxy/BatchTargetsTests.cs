using Microsoft.AspNetCore.Http;
using TokenBroker.Proxy;
using TokenBroker.Tests.Fuzzing;
using Xunit;

namespace TokenBroker.Tests.Proxy;

/// <summary>A part's target has one reading, given where the batch was sent, or it is refused.</summary>
public class BatchTargetsTests
{
    public static TheoryData<string, string, string, string> Shapes => BatchShapes.All;

    private static (Refusal? Refusal, string? Target) Plan(string outer, string host, string target, string policy = "")
    {
        var broker = FuzzedBroker.Of(policy);
        var authority = (host.Length == 0 ? "127.0.0.1" : host) + ":11000";
        Assert.True(broker.Steps.Router.TryRead("POST", outer, authority, new HeaderDictionary { ["Host"] = authority }, out var batch, out _));
        var refusal = broker.Batches.Plan(batch!, [new("0", "DELETE", target, [])], part => broker.Steps.Policy.Check(part), out var planned);
        return (refusal, refusal is null ? Assert.Single(planned).Target : null);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Every_form_that_libraries_write_names_one_blob_or_is_refused(string outer, string host, string target, string expected)
    {
        var (refusal, planned) = Plan(outer, host, target);

        Assert.Equal(expected, refusal?.Reason ?? planned![1..].TrimEnd('?'));
        if (refusal is not null)
            Assert.StartsWith("In part 1 of the batch: ", refusal.Sentence, StringComparison.Ordinal);
    }

    /// <summary>Where the policy names a container like the account, there is one: a path could be that container's.</summary>
    [Theory]
    [InlineData("acct,c:write,delete", "/acct?comp=batch", "/acct/c/x", "batch-part-ambiguous")]
    [InlineData("acct,c:write,delete", "/acct?comp=batch", "/c/x", "/c/x")]
    [InlineData("a*:write,delete", "/acct?comp=batch", "/acct/c/x", "batch-part-ambiguous")]
    [InlineData("c:write,delete", "/acct?comp=batch", "/acct/c/x", "/c/x")]
    [InlineData("c:write,delete", "/acct?comp=batch", "/d/x", "policy-container")]
    [InlineData(":write,delete", "/acct?comp=batch", "/acct/c/x", "/c/x")]
    [InlineData("acct,c:write,delete", "/acct/c?restype=container&comp=batch", "/acct/c/x", "/c/x")]
    public void Policy_may_tell_of_a_container_that_is_called_like_the_account(string policy, string outer, string target, string expected)
    {
        var (refusal, planned) = Plan(outer, "", target, policy);

        Assert.Equal(expected, refusal?.Reason ?? planned);
    }
}
