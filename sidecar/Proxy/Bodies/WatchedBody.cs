using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http.Features;

namespace TokenBroker.Proxy.Bodies;

/// <summary>
/// A request's body that knows whether any of it was read: only an unread body can be sent again, because nothing is kept.
/// A cancelled read leaves the rest readable, which is needed if storage ends the request while the client still sends.
/// </summary>
internal sealed class WatchedBody(PipeReader body) : ReadOnlyStream
{
    private bool _wasRead;

    /// <summary>Starts to watch the body; null for a request without a body, which can always be sent again.</summary>
    public static WatchedBody? On(HttpContext context)
    {
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
            return null;
        var watched = new WatchedBody(context.Request.BodyReader);
        context.Request.Body = watched;
        return watched;
    }

    public bool IsUntouched => !Volatile.Read(ref _wasRead);

    /// <summary>True if a read was cancelled while it waited for the client.</summary>
    public bool WasAwaitedInVain { get; private set; }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Volatile.Write(ref _wasRead, true);
        // NOTE: do not pass the token to the server's reader. After a cancellation it assumes that a read is still running.
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
            // Cancelled by this read's token, or by a cancellation that came too late for an earlier read.
        }
    }

    /// <summary>
    /// Reads and discards the rest. It needs no buffer, because every connection may be refused at the same time.
    /// </summary>
    /// <exception cref="IOException">The body ended early or is malformed.</exception>
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
