using System.Security.Cryptography;

namespace TokenBroker.TestSupport.Storage;

/// <summary>Bytes that anyone can make again: content too large to keep is sent and checked by it.</summary>
public static class Pattern
{
    // A prime just under 1 MiB, so that no power of two in anybody's buffering falls on the same byte again.
    private const int Period = 1_048_573;

    private static readonly byte[] Bytes = Make();

    public static void Fill(Span<byte> target, long offset)
    {
        while (target.Length > 0)
        {
            var start = (int)(offset % Period);
            var count = Math.Min(target.Length, Period - start);
            Bytes.AsSpan(start, count).CopyTo(target);
            target = target[count..];
            offset += count;
        }
    }

    /// <summary>SHA-256 of the first <paramref name="length"/> bytes, in lower-case hexadecimal.</summary>
    public static string Sha256(long length)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (long left = length; left > 0; left -= Period)
            hash.AppendData(Bytes.AsSpan(0, (int)Math.Min(left, Period)));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The first <paramref name="length"/> bytes as a stream, to be sent as a body.</summary>
    public static Stream Open(long length) => new PatternStream(length);

    private static byte[] Make()
    {
        var bytes = new byte[Period];
        // Not for secrecy: seeded, so that every process makes the same.
#pragma warning disable CA5394
        new Random(11000).NextBytes(bytes);
#pragma warning restore CA5394
        return bytes;
    }
}
