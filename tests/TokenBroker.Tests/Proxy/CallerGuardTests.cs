using System.Net;
using Microsoft.AspNetCore.Http;
using TokenBroker.Configuration;
using TokenBroker.Proxy;
using Xunit;

namespace TokenBroker.Tests.Proxy;

/// <summary>The one rule of the guard that no socket on loopback can break: the peer's own address.</summary>
public class CallerGuardTests
{
    private static Refusal? Check(string? peer, bool wider = false)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = "GET";
        context.Request.Headers.Host = "127.0.0.1:11000";
        context.Request.Headers["x-ms-version"] = "2021-12-02";
        context.Connection.LocalPort = 11000;
        context.Connection.RemoteIpAddress = peer is null ? null : IPAddress.Parse(peer);
        var options = new BrokerOptions { Accounts = [], Caller = new() { UnsafeAllowNonLoopback = wider } };
        return new CallerGuard(options).Check(context);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.1.2.3")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    public void A_peer_on_this_host_may_ask(string peer) => Assert.Null(Check(peer));

    [Theory]
    [InlineData(null)] // no address at all, as of a Unix socket
    [InlineData("0.0.0.0")]
    [InlineData("10.0.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("fe80::1")]
    [InlineData("::")]
    public void A_peer_that_is_not_on_this_host_is_refused(string? peer)
    {
        Assert.Same(Refusal.PeerNotLoopback, Check(peer));
        Assert.Null(Check(peer, wider: true));
    }
}
