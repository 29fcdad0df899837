using System.Net;
using System.Net.Sockets;

namespace TokenBroker.EndToEnd.Limits;

/// <summary>Many connections that send nothing, or the same bytes each, and stay open.</summary>
internal sealed class IdleClients : IAsyncDisposable
{
    private const int AtOnce = 50;

    private readonly List<Socket> _sockets = [];

    /// <summary>How many the server has closed, whatever it said before.</summary>
    public int ClosedByPeer
    {
        get
        {
            lock (_sockets)
                return _sockets.Count(IsClosed);
        }
    }

    public Task ConnectAsync(IPEndPoint address, int count) => SendAsync(address, count, default);

    /// <summary>Returns when all have sent their bytes, or were closed, or the time is up.</summary>
    public async Task SendAsync(IPEndPoint address, int count, ReadOnlyMemory<byte> bytes, TimeSpan? limit = null)
    {
        using var end = new CancellationTokenSource(limit ?? TimeSpan.FromMinutes(1));
        foreach (var some in Enumerable.Range(0, count).Chunk(AtOnce))
            await Task.WhenAll(some.Select(_ => ConnectAsync(address)));
        Socket[] sockets;
        lock (_sockets)
            sockets = [.. _sockets];
        await Task.WhenAll(sockets.Select(async socket =>
        {
            try
            {
                for (var sent = 0; sent < bytes.Length;)
                    sent += await socket.SendAsync(bytes[sent..], SocketFlags.None, end.Token);
            }
            catch (Exception closed) when (closed is SocketException or OperationCanceledException)
            {
                // What became of it is for the test to see.
            }
        }));
    }

    public ValueTask DisposeAsync()
    {
        lock (_sockets)
        {
            foreach (var socket in _sockets)
                socket.Dispose();
            _sockets.Clear();
        }

        return ValueTask.CompletedTask;
    }

    private async Task ConnectAsync(IPEndPoint address)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        lock (_sockets)
            _sockets.Add(socket);
        try
        {
            await socket.ConnectAsync(address);
        }
        catch (SocketException)
        {
            // Refused is closed as well.
        }
    }

    private static bool IsClosed(Socket socket)
    {
        try
        {
            return !socket.Connected || (socket.Poll(0, SelectMode.SelectRead) && socket.Available == 0);
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
