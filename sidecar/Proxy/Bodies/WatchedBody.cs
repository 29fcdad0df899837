using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http.Features;

namespace TokenBroker.Proxy.Bodies;

/// <summary>
/// A request's body that knows whether any of it was read: only an untouched one can be sent again, since none is kept.
/// A read that is given up leaves the rest to be read, as it must be where storage breaks off and the client still sends.
/// </summary>
internal sealed class WatchedBody(PipeReader body) : ReadOnlyStream
{
    private bool _wasRead;

    /// <summary>Puts the watch in place; null for a request without a body, which can always be sent again.</summary>
    public static WatchedBody? On(HttpContext context)
    {
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
            return null;
        var watched = new WatchedBody(context.Request.BodyReader);
        context.Request.Body = watched;
        return watched;
    }

    public bool IsUntouched => !Volatile.Read(ref _wasRead);

    /// <summary>True if a read was given up while it waited for the client.</summary>
    public bool WasAwaitedInVain { get; private set; }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Volatile.Write(ref _wasRead, true);
        // NOTE: the token itself is not for the server's reader, which after such an end takes itself to be reading for ever.
        using var end = cancellationToken.UnsafeRegister(static reader => ((PipeReader)reader!).CancelPendingRead(), body);
        while (true)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                WasAwaitedInVain = true;
                cancellationToken.ThrowIfCancellationRequested();
            }

            var read = await body.ReadAsync(CancellationToken.None);
            var taken = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, buffer.Length));
            var count = (int)taken.Length;
            taken.CopyTo(buffer.Span);
            body.AdvanceTo(taken.End);
            if (count > 0 || read.IsCompleted || (buffer.IsEmpty && !read.IsCanceled))
                return count;
            // Cancelled: by this read's token, or too late for the read that it was meant for.
        }
    }

    /// <summary>Reads the rest and keeps nothing of it. Takes no buffer: every connection may be refused at once.</summary>
    /// <exception cref="IOException">The body broke off or is malformed.</exception>
    public async Task DiscardAsync(CancellationToken cancellationToken)
    {
        Volatile.Write(ref _wasRead, true);
        using var end = cancellationToken.UnsafeRegister(static reader => ((PipeReader)reader!).CancelPendingRead(), body);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var read = await body.ReadAsync(CancellationToken.None);
            body.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
                return;
        }
    }
}
