using System.Net.Sockets;
using System.Text;

namespace TokenBroker.Tests.Functional;

/// <summary>Clients that send something and then stay connected.</summary>
internal sealed class OpenConnections : IAsyncDisposable
{
    private readonly List<Socket> _sockets = [];

    /// <summary>How many the server has closed. An answer on a connection does not count.</summary>
    public int ClosedByPeer => _sockets.Count(IsClosed);

    /// <summary>On a connection of its own; <c>HOST</c> stands for the data listener's address.</summary>
    public Task SendAsync(RunningBroker broker, string text) =>
        SendAsync(broker.Data, text.Replace("HOST", broker.Data.Authority, StringComparison.Ordinal));

    public async Task SendAsync(Uri address, string text)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _sockets.Add(socket);
        await socket.ConnectAsync(address.DnsSafeHost, address.Port);
        try
        {
            await socket.SendAsync(Encoding.Latin1.GetBytes(text));
        }
        catch (SocketException)
        {
            // Closed already.
        }
    }

    public ValueTask DisposeAsync()
    {
        foreach (var socket in _sockets)
            socket.Dispose();
        _sockets.Clear();
        return ValueTask.CompletedTask;
    }

    private static bool IsClosed(Socket socket)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (socket.Poll(0, SelectMode.SelectRead))
            {
                if (socket.Receive(buffer) == 0)
                    return true;
            }

            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
