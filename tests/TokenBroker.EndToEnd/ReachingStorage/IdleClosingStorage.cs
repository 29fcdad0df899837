using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace TokenBroker.EndToEnd.ReachingStorage;

/// <summary>
/// Storage as bare HTTP that gives up its idle connections at the worst moment: just as the next request on one has come.
/// A connection's first request is always answered.
/// </summary>
internal sealed class IdleClosingStorage : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentQueue<string> _unanswered = [];
    private readonly ConcurrentQueue<string> _answered = [];
    private readonly ConcurrentBag<Socket> _sockets = [];
    private readonly Task _accepting;
    private TaskCompletionSource? _gathered;
    private int _missing;

    public IdleClosingStorage()
    {
        _listener.Start(512);
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"http://{_listener.LocalEndpoint}");

    /// <summary>From now on, connections end with their second request: by a reset if true, in order if false; null answers all.</summary>
    public bool? Resets { get; set; }

    /// <summary>Lines of the requests whose connection was ended.</summary>
    public IReadOnlyCollection<string> Unanswered => _unanswered;

    /// <summary>Lines of the requests that were answered.</summary>
    public IReadOnlyCollection<string> Answered => _answered;

    /// <summary>The next requests are answered once so many are here, so that each has a connection of its own.</summary>
    public void Gather(int requests) => (_missing, _gathered) = (requests, new(TaskCreationOptions.RunContinuationsAsynchronously));

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting;
        foreach (var socket in _sockets)
            socket.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync();
                _sockets.Add(socket);
                _ = ServeAsync(socket);
            }
        }
        catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException or InvalidOperationException)
        {
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            using var reader = new StreamReader(stream, Encoding.Latin1);
            for (var isFirst = true; await reader.ReadLineAsync() is { } line; isFirst = false)
            {
                var length = 0;
                while (await reader.ReadLineAsync() is { Length: > 0 } header)
                {
                    if (header.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
                        length = int.Parse(header["Content-Length:".Length..], CultureInfo.InvariantCulture);
                }

                if (!isFirst && Resets is { } resets)
                {
                    _unanswered.Enqueue(line);
                    if (resets)
                        socket.LingerState = new(true, 0);
                    else
                        socket.Shutdown(SocketShutdown.Both);
                    return;
                }

                if (length > 0) // reading nothing would wait for something
                    await reader.ReadBlockAsync(new char[length]);
                _answered.Enqueue(line);
                if (_gathered is { } gathered)
                {
                    if (Interlocked.Decrement(ref _missing) == 0)
                    {
                        _gathered = null;
                        gathered.SetResult();
                    }

                    await gathered.Task;
                }

                await stream.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nx-ms-request-id: storages-own\r\nContent-Length: 2\r\n\r\n"
                    + (line.StartsWith("HEAD ", StringComparison.Ordinal) ? "" : "ok")));
            }
        }
        catch (IOException)
        {
            // The sidecar's side of it ended.
        }
    }
}
