using System.Net.Sockets;

namespace TokenBroker.Limits;

/// <summary>Bounds the sockets to storage, so that descriptors remain for clients, tokens and the admin listener.</summary>
internal sealed class UpstreamSockets(EffectiveLimits limits) : IDisposable
{
    private readonly SemaphoreSlim _free = new(limits.UpstreamConnections);

    /// <summary>
    /// Creates a socket. Waits while the limit is reached: idle connections of other accounts close within seconds.
    /// </summary>
    public async ValueTask<Socket> OpenAsync(AddressFamily family, CancellationToken cancellation)
    {
        await _free.WaitAsync(cancellation);
        try
        {
            return new CountedSocket(family, _free);
        }
        catch
        {
            _free.Release();
            throw;
        }
    }

    public void Dispose() => _free.Dispose();

    /// <summary>Releases its place when it is closed.</summary>
    private sealed class CountedSocket(AddressFamily family, SemaphoreSlim free) : Socket(family, SocketType.Stream, ProtocolType.Tcp)
    {
        private int _closed;

        protected override void Dispose(bool disposing)
        {
            base.Dispose(disposing);
            if (disposing && Interlocked.Exchange(ref _closed, 1) == 0)
                free.Release();
        }
    }
}
