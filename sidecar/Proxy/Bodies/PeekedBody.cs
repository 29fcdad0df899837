namespace TokenBroker.Proxy.Bodies;

/// <summary>The body of an answer whose beginning was already read. It is relayed byte for byte as storage sent it.</summary>
internal sealed class PeekedBody
{
    private readonly ReadOnlyMemory<byte> _beginning;
    private readonly Stream _rest;

    private PeekedBody(ReadOnlyMemory<byte> beginning, Stream rest) => (_beginning, _rest) = (beginning, rest);

    public ReadOnlySpan<byte> Beginning => _beginning.Span;

    public static async Task<PeekedBody> ReadAsync(HttpContent content, int most, CancellationToken cancellation)
    {
        var stream = await content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[most];
        var length = await stream.ReadAtLeastAsync(buffer, most, throwOnEndOfStream: false, cancellation);
        return new(buffer.AsMemory(0, length), stream);
    }

    /// <summary>The whole body again, to be read once.</summary>
    public HttpContent AsContent() => new StreamContent(new Concatenation(_beginning, _rest));

    private sealed class Concatenation(ReadOnlyMemory<byte> beginning, Stream rest) : ReadOnlyStream
    {
        private ReadOnlyMemory<byte> _beginning = beginning;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_beginning.IsEmpty)
                return rest.ReadAsync(buffer, cancellationToken);
            var count = Math.Min(buffer.Length, _beginning.Length);
            _beginning[..count].CopyTo(buffer);
            _beginning = _beginning[count..];
            return new(count);
        }

        // Storage's connection goes back to the pool, or is closed if the answer was not read to its end.
        protected override void Dispose(bool disposing)
        {
            if (disposing)
                rest.Dispose();
            base.Dispose(disposing);
        }
    }
}
