using TokenBroker.Proxy.Addressing;
using Xunit;

namespace TokenBroker.Tests.Proxy;

public class BlobQueryTests
{
    /// <summary>A query is read before the request has a slot, and a part of a batch may be megabytes long.</summary>
    [Fact]
    public void Query_with_too_many_parameters_costs_no_memory()
    {
        var raw = "?" + new string('&', 4 << 20);
        _ = BlobQuery.Of("?a&b");
        var before = GC.GetAllocatedBytesForCurrentThread();

        var query = BlobQuery.Of(raw);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4096);
        Assert.NotNull(QueryRules.Check(query));
    }

    [Fact]
    public void As_many_parameters_as_are_allowed_are_read_one_by_one()
    {
        var query = BlobQuery.Of("?" + string.Join('&', Enumerable.Range(0, QueryRules.MaxParameters).Select(i => $"p{i}=v{i}")));

        Assert.Equal("v63", query["p63"]);
        Assert.Null(QueryRules.Check(query));
    }
}
