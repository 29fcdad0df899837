using TokenBroker.Upstream;
using Xunit;

namespace TokenBroker.Tests.Proxy;

public class StorageVersionTests
{
    [Theory]
    [InlineData(null, null, "2021-12-02")]
    [InlineData("", null, "2021-12-02")]
    [InlineData(null, "2019-02-02", "2019-02-02")]
    [InlineData(null, "2015-04-05", "2021-12-02")]
    [InlineData(null, "nonsense", "2021-12-02")]
    [InlineData("2015-04-05", null, "2017-11-09")]
    [InlineData("2017-11-09", null, "2017-11-09")]
    [InlineData("2026-10-06", "2019-02-02", "2026-10-06")]
    [InlineData("nonsense", null, "nonsense")]
    public void A_version_stays_unless_a_bearer_could_not_be_used_with_it(string? sent, string? sasVersion, string chosen) =>
        Assert.Equal(chosen, StorageVersion.Choose(sent, sasVersion));
}
