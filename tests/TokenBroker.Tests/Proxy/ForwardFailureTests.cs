using System.Net.Sockets;
using TokenBroker.Proxy;
using Xunit;
using Yarp.ReverseProxy.Forwarder;

namespace TokenBroker.Tests.Proxy;

public class ForwardFailureTests
{
    [Theory]
    [InlineData(SocketError.ConnectionReset, "upstream-broken")]
    [InlineData(SocketError.Shutdown, "upstream-broken")] // a write after storage's reset (EPIPE)
    [InlineData(SocketError.ConnectionRefused, "upstream-unreachable")]
    [InlineData(SocketError.HostNotFound, "upstream-unreachable")]
    [InlineData(SocketError.TooManyOpenSockets, "descriptors-exhausted")] // EMFILE and ENFILE
    public void Connection_that_was_open_is_called_broken_and_not_unreachable(SocketError error, string reason)
    {
        var exception = new HttpRequestException("", new IOException("", new SocketException((int)error)));

        Assert.Equal(reason, ForwardFailure.Read(ForwarderError.Request, exception, clientGone: false)!.Reason);
    }

    [Theory]
    [InlineData(HttpRequestError.ResponseEnded, "upstream-broken")]
    [InlineData(HttpRequestError.InvalidResponse, "upstream-answer-invalid")]
    [InlineData(HttpRequestError.ConfigurationLimitExceeded, "upstream-answer-invalid")]
    public void Answer_that_cannot_be_read_has_a_reason_of_its_own(HttpRequestError error, string reason) =>
        Assert.Equal(reason, ForwardFailure.Read(ForwarderError.Request, new HttpRequestException(error), clientGone: false)!.Reason);

    [Fact]
    public void Answer_that_storage_broke_off_is_storages_failure_though_the_clients_connection_was_ended_for_it() =>
        Assert.Equal(Refusal.UpstreamBroken, ForwardFailure.Read(ForwarderError.ResponseBodyDestination, new IOException(), clientGone: true));

    [Fact]
    public void Nobody_is_answered_who_is_gone() =>
        Assert.Null(ForwardFailure.Read(ForwarderError.Request, new HttpRequestException(), clientGone: true));
}
