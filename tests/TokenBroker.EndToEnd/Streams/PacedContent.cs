using System.Net;
using TokenBroker.TestSupport.Storage;

namespace TokenBroker.EndToEnd.Streams;

/// <summary>A body of <see cref="Pattern"/> whose sender pauses before some of its pieces, and counts what it has sent.</summary>
/// <param name="length">In bytes.</param>
/// <param name="nextPiece">Given what was sent, waits as it likes and says how many bytes to send next.</param>
internal sealed class PacedContent(long length, Func<long, Task<int>> nextPiece) : HttpContent
{
    private long _sent;

    /// <summary>Bytes that the system has taken so far.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        while (Sent is var sent && sent < length)
        {
            var piece = new byte[Math.Min(await nextPiece(sent), length - sent)];
            Pattern.Fill(piece, sent);
            await stream.WriteAsync(piece);
            await stream.FlushAsync();
            Interlocked.Add(ref _sent, piece.Length);
        }
    }

    protected override bool TryComputeLength(out long computed)
    {
        computed = length;
        return true;
    }
}
