using Microsoft.AspNetCore.Http.Features;

namespace TokenBroker.TestSupport.Storage;

/// <summary>Lets so many bytes of an answer pass, makes sure they are sent, and then breaks the connection.</summary>
internal sealed class CutOffStream(IHttpResponseBodyFeature body, long after, Func<Task> end) : Stream
{
    private long _left = after;

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = (int)Math.Min(buffer.Length, _left);
        await body.StartAsync(cancellationToken);
        await body.Stream.WriteAsync(buffer[..count], cancellationToken);
        _left -= count;
        if (_left > 0)
            return;
        await body.Stream.FlushAsync(cancellationToken);
        await end();
        throw new IOException("Broken off as planned.");
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => body.Stream.FlushAsync(cancellationToken);

    public override void Flush() => throw new NotSupportedException();
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
