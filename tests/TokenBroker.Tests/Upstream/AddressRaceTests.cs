using System.Net;
using System.Net.Sockets;
using TokenBroker.TestSupport.Network;
using TokenBroker.TestSupport.Requirements;
using TokenBroker.Upstream;
using Xunit;

namespace TokenBroker.Tests.Upstream;

public class AddressRaceTests
{
    private const string Host = "acct.blob.example";

    private readonly AddressRace _race = new(TimeProvider.System);

    [Fact]
    [Requires(Capability.Linux)]
    public async Task Silent_address_is_passed_over_and_the_winner_is_tried_first_the_next_time()
    {
        using var live = Listener("127.0.0.1");
        var port = ((IPEndPoint)live.LocalEndPoint!).Port;
        using var dead = new FullBacklog(new(IPAddress.Parse("127.0.0.9"), port));
        IPAddress[] addresses = [IPAddress.Parse("127.0.0.9"), IPAddress.Loopback];

        var first = await _race.ConnectAsync(Host, port, addresses, TestContext.Current.CancellationToken);
        var second = await _race.ConnectAsync(Host, port, addresses, TestContext.Current.CancellationToken);

        using (first.Socket)
        using (second.Socket)
        {
            Assert.Equal((IPAddress.Loopback, IPAddress.Loopback), (first.Address.Address, second.Address.Address));
            Assert.Equal(IPAddress.Parse("127.0.0.9"), Assert.Single(first.PassedOver).Address);
            Assert.Empty(second.PassedOver);
        }
    }

    [Fact]
    public async Task Refused_address_is_passed_over_at_once()
    {
        using var live = Listener("127.0.0.1");
        var port = ((IPEndPoint)live.LocalEndPoint!).Port;

        var dialled = await new AddressRace(new StoppedTime()).ConnectAsync(
            Host, port, [IPAddress.Parse("127.0.0.9"), IPAddress.Loopback], TestContext.Current.CancellationToken);

        dialled.Socket.Dispose();
        Assert.Equal((IPAddress.Parse("127.0.0.9"), SocketError.ConnectionRefused), Assert.Single(dialled.PassedOver));
    }

    [Fact]
    public async Task Last_winner_that_is_gone_gives_way_to_another_address()
    {
        IPAddress[] addresses = [IPAddress.Parse("127.0.0.9"), IPAddress.Loopback];
        int port;
        using (var gone = Listener("127.0.0.9"))
        {
            port = ((IPEndPoint)gone.LocalEndPoint!).Port;
            (await _race.ConnectAsync(Host, port, addresses, TestContext.Current.CancellationToken)).Socket.Dispose();
        }

        using var live = Listener("127.0.0.1", port);

        var dialled = await _race.ConnectAsync(Host, port, addresses, TestContext.Current.CancellationToken);
        dialled.Socket.Dispose();
        Assert.Equal(IPAddress.Loopback, dialled.Address.Address);
    }

    [Fact]
    [Requires(Capability.Linux)]
    public async Task Most_telling_error_is_reported_when_the_time_is_up()
    {
        using var dead = new FullBacklog(new(IPAddress.Parse("127.0.0.9"), 0));
        var port = dead.Address.Port;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        using var sooner = new CancellationTokenSource(TimeSpan.FromSeconds(1));

        var refused = await Assert.ThrowsAsync<SocketException>(() =>
            _race.ConnectAsync(Host, port, [IPAddress.Parse("127.0.0.9"), IPAddress.Parse("127.0.0.10")], limit.Token));
        var silent = await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            _race.ConnectAsync(Host, port, [IPAddress.Parse("127.0.0.9")], sooner.Token));

        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
        Assert.Equal(sooner.Token, silent.CancellationToken);
    }

    [Fact]
    public void Families_take_turns_and_the_last_winner_is_first()
    {
        IPAddress[] addresses = [.. new[] { "2001:db8::1", "2001:db8::2", "2001:db8::3", "192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2" }.Select(IPAddress.Parse)];

        Assert.Equal("2001:db8::1 192.0.2.1 2001:db8::2 192.0.2.2 2001:db8::3", string.Join(' ', AddressRace.Order(addresses, null)));
        Assert.Equal("192.0.2.2 2001:db8::1 192.0.2.1 2001:db8::2 2001:db8::3", string.Join(' ', AddressRace.Order(addresses, IPAddress.Parse("192.0.2.2"))));
        Assert.Equal("192.0.2.1 2001:db8::1 192.0.2.2 2001:db8::2 2001:db8::3", string.Join(' ', AddressRace.Order([.. addresses[3..], .. addresses[..3]], IPAddress.Parse("192.0.2.9"))));
    }

    [Fact]
    public void Number_of_addresses_is_bounded() =>
        Assert.Equal(16, AddressRace.Order([.. Enumerable.Range(0, 250).Select(at => IPAddress.Parse($"192.0.2.{at}"))], null).Count);

    private static Socket Listener(string address, int port = 0)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Parse(address), port));
        socket.Listen();
        return socket;
    }

    /// <summary>No timer ever fires.</summary>
    private sealed class StoppedTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }
}
