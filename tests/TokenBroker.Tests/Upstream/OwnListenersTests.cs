using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using TokenBroker.Upstream;
using Xunit;

namespace TokenBroker.Tests.Upstream;

/// <summary>The sidecar does not dial itself, in whatever form its address is written.</summary>
public class OwnListenersTests
{
    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("127.0.0.1", "::ffff:127.0.0.1")]
    [InlineData("127.0.0.1", "0.0.0.0")]
    [InlineData("127.0.0.1", "::ffff:0.0.0.0")]
    [InlineData("127.0.0.1", "::")]
    [InlineData("::1", "::1")]
    [InlineData("::1", "::")]
    [InlineData("127.0.0.7", "::ffff:127.0.0.7")]
    [InlineData("10.1.2.3", "::ffff:10.1.2.3")]
    [InlineData("::ffff:10.1.2.3", "10.1.2.3")]
    [InlineData("fe80::1%3", "fe80::1")]
    [InlineData("fe80::1", "fe80::1%7")]
    [InlineData("0.0.0.0", "0.0.0.0")]
    [InlineData("0.0.0.0", "::ffff:0.0.0.0")]
    [InlineData("0.0.0.0", "127.0.0.2")]
    [InlineData("0.0.0.0", "::ffff:127.0.0.2")]
    [InlineData("::", "::")]
    [InlineData("::", "::1")]
    [InlineData("::", "127.0.0.1")]
    [InlineData("::ffff:0.0.0.0", "127.0.0.1")]
    public void Address_that_leads_to_a_listener_is_its_own(string listener, string target)
    {
        Assert.True(Listening(listener).Contains(IPAddress.Parse(target), 443));
        Assert.False(Listening(listener).Contains(IPAddress.Parse(target), 444));
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.2")]
    [InlineData("127.0.0.1", "::1")]
    [InlineData("10.1.2.3", "127.0.0.1")]
    [InlineData("10.1.2.3", "0.0.0.0")]
    [InlineData("0.0.0.0", "192.0.2.1")]
    [InlineData("::", "2001:db8::1")]
    public void Address_of_another_listener_or_host_is_not(string listener, string target) =>
        Assert.False(Listening(listener).Contains(IPAddress.Parse(target), 443));

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    public void Listener_on_every_address_is_reached_at_each_of_this_hosts(string listener)
    {
        var addresses = NetworkInterface.GetAllNetworkInterfaces().SelectMany(network => network.GetIPProperties().UnicastAddresses)
            .Select(own => own.Address).ToList();

        Assert.All(addresses, address => Assert.True(Listening(listener).Contains(address, 443), address.ToString()));
        Assert.All(addresses.Where(address => address.AddressFamily == AddressFamily.InterNetwork),
            address => Assert.True(Listening(listener).Contains(address.MapToIPv6(), 443), address.ToString()));
    }

    private static OwnListeners Listening(string address)
    {
        var listeners = new OwnListeners();
        listeners.Set([new(IPAddress.Parse(address), 443)], []);
        return listeners;
    }
}
