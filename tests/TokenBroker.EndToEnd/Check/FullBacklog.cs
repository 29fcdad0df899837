using System.Net;
using System.Net.Sockets;

namespace TokenBroker.EndToEnd.Check;

/// <summary>
/// A port whose queue of connections is full and that nobody serves: Linux drops every further attempt without a word, as
/// the networks outside of Azure drop what is sent to the metadata endpoint's address.
/// </summary>
internal sealed class FullBacklog : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    private readonly Socket _listener = NewSocket();
    private readonly List<Socket> _waiting = [];

    public FullBacklog()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(0);
        do
            _waiting.Add(NewSocket());
        while (_waiting[^1].ConnectAsync(_listener.LocalEndPoint!).Wait(Limit));
    }

    public Uri Address => new($"http://{_listener.LocalEndPoint}");

    public void Dispose()
    {
        foreach (var socket in _waiting)
            socket.Dispose();
        _listener.Dispose();
    }

    private static Socket NewSocket() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
}
