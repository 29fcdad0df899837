using System.Net;
using System.Net.Sockets;

namespace TokenBroker.TestSupport.Network;

/// <summary>
/// A port whose queue of connections is full and that nobody serves: Linux drops every further attempt without a word, as
/// the networks outside of Azure drop what is sent to the metadata endpoint's address.
/// </summary>
public sealed class FullBacklog : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    private readonly Socket _listener;
    private readonly List<Socket> _waiting = [];

    /// <param name="at">Where; a port of its own on 127.0.0.1 if null.</param>
    public FullBacklog(IPEndPoint? at = null)
    {
        at ??= new(IPAddress.Loopback, 0);
        _listener = NewSocket(at);
        _listener.Bind(at);
        _listener.Listen(0);
        do
            _waiting.Add(NewSocket(at));
        while (_waiting[^1].ConnectAsync(_listener.LocalEndPoint!).Wait(Limit));
    }

    public Uri Address => new($"http://{_listener.LocalEndPoint}");

    public void Dispose()
    {
        foreach (var socket in _waiting)
            socket.Dispose();
        _listener.Dispose();
    }

    private static Socket NewSocket(IPEndPoint at) => new(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
}
