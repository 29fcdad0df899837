namespace TokenBroker.Proxy.Bodies;

/// <summary>A request body that is buffered in memory, in pieces, without a second copy.</summary>
internal sealed class GatheredBody
{
    private const int MinPiece = 4 * 1024;

    /// <summary>Below the size at which the runtime puts an array into the large object heap.</summary>
    private const int MaxPiece = 64 * 1024;

    private readonly List<byte[]> _pieces = [];
    private int _free;

    public int Length { get; private set; }

    /// <summary>Room for more; empty if a new piece must be added first.</summary>
    public Memory<byte> Room => _free == 0 ? default : _pieces[^1].AsMemory(_pieces[^1].Length - _free);

    /// <summary>The size of the next piece: it starts small and doubles while the body grows.</summary>
    /// <param name="max">The maximum number of bytes that may follow.</param>
    public int NextPiece(int max) => Math.Min(max, Math.Clamp(Length, MinPiece, MaxPiece));

    public void AddPiece(int size)
    {
        _pieces.Add(GC.AllocateUninitializedArray<byte>(size));
        _free = size;
    }

    /// <summary>So many bytes were written into <see cref="Room"/>.</summary>
    public void Advance(int count)
    {
        _free -= count;
        Length += count;
    }

    /// <summary>The bytes from the beginning, to be read once.</summary>
    public Stream OpenRead() => new Reader(this);

    public byte[] ToArray()
    {
        var all = GC.AllocateUninitializedArray<byte>(Length);
        var copied = 0;
        foreach (var piece in _pieces)
        {
            var count = Math.Min(piece.Length, Length - copied);
            piece.AsSpan(0, count).CopyTo(all.AsSpan(copied));
            copied += count;
        }

        return all;
    }

    private sealed class Reader(GatheredBody body) : ReadOnlyStream
    {
        private int _piece, _offset, _read;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_piece < body._pieces.Count && _offset == body._pieces[_piece].Length)
                (_piece, _offset) = (_piece + 1, 0);
            if (_read == body.Length)
                return new(0);
            var piece = body._pieces[_piece].AsMemory(_offset);
            var count = Math.Min(Math.Min(piece.Length, body.Length - _read), buffer.Length);
            piece[..count].CopyTo(buffer);
            _offset += count;
            _read += count;
            return new(count);
        }
    }
}
