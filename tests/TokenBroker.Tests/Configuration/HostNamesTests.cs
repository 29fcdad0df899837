using System.Net;
using TokenBroker.Configuration;
using Xunit;

namespace TokenBroker.Tests.Configuration;

public class HostNamesTests
{
    private static readonly BrokerOptions Options = new()
    {
        Accounts =
        [
            new() { Name = "photos", Endpoint = new("https://photos.blob.core.windows.net"), SecondaryEndpoint = new("https://photos-secondary.blob.core.windows.net") },
            new() { Name = "local", Endpoint = new("https://127.0.0.1:10000/local") },
        ],
        Hosts = ["sidecar", "proxy:12000"],
    };

    private readonly HostNames _data = HostNames.ForData(Options);

    [Theory]
    [InlineData("127.0.0.1:11000")]
    [InlineData("127.0.0.1")]
    [InlineData("[::1]:11000")]
    [InlineData("localhost:11000")]
    [InlineData("LOCALHOST:11000")]
    [InlineData("photos.localhost:11000")]
    [InlineData("photos-secondary.localhost:11000")]
    [InlineData("photos.blob.localhost:11000")]
    [InlineData("local.blob.localhost:11000")]
    [InlineData("photos.blob.core.windows.net")]
    [InlineData("photos-secondary.blob.core.windows.net:11000")]
    [InlineData("sidecar:9")]
    [InlineData("sidecar")]
    [InlineData("proxy:12000")]
    public void Names_of_the_listener_and_the_accounts_are_allowed(string host) => Assert.True(_data.Allow(host, 11000));

    [Theory]
    [InlineData("evil.example:11000")]
    [InlineData("127.0.0.1:80")]
    [InlineData("localhost:12000")]
    [InlineData("localhost.:11000")]
    [InlineData("127.0.0.1.:11000")]
    [InlineData("127.1:11000")]
    [InlineData("0x7f000001:11000")]
    [InlineData("evil.localhost:11000")]
    [InlineData("photos.localhost.evil.example:11000")]
    [InlineData("xphotos.localhost:11000")]
    [InlineData("photos.blob.core.windows.net.evil.example")]
    [InlineData("user@localhost:11000")]
    [InlineData("localhost:11000:11000")]
    [InlineData("localhost:")]
    [InlineData("localhost:+11000")]
    [InlineData("localhost: 11000")]
    [InlineData("localhost:011000x")]
    [InlineData("proxy")]
    [InlineData("proxy:12001")]
    [InlineData("[::1]:12000")]
    [InlineData("[::2]:11000")]
    [InlineData("*")]
    [InlineData(":11000")]
    [InlineData("")]
    public void Every_other_name_is_not(string host) => Assert.False(_data.Allow(host, 11000));

    [Fact]
    public void The_admin_listener_has_no_names_of_accounts_or_options()
    {
        var admin = HostNames.ForAdmin(Options);
        Assert.True(admin.Allow("127.0.0.1:11080", 11080));
        Assert.True(admin.Allow("localhost:11080", 11080));
        Assert.False(admin.Allow("sidecar", 11080));
        Assert.False(admin.Allow("photos.localhost:11080", 11080));
    }

    [Fact]
    public void An_IPv6_listener_is_named_in_brackets()
    {
        var data = HostNames.ForData(Options with { Listen = [new(IPAddress.IPv6Loopback, 11000)] });
        Assert.True(data.Allow("[::1]:11000", 11000));
        Assert.False(data.Allow("127.0.0.1:11000", 11000));
    }

    [Fact]
    public void Each_of_several_listeners_is_named_by_its_own_address()
    {
        var data = HostNames.ForData(Options with { Listen = [new(IPAddress.Loopback, 11000), new(IPAddress.Parse("127.0.0.2"), 12000, IsHttps: true)] });
        Assert.True(data.Allow("127.0.0.1:11000", 11000));
        Assert.True(data.Allow("127.0.0.2:12000", 12000));
        Assert.False(data.Allow("127.0.0.2:12000", 11000));
        Assert.False(data.Allow("[::1]:11000", 11000));
    }
}
