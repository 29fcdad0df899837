using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace TokenBroker.EndToEnd.Django;

/// <summary>A valid PNG of noise, which does not compress: its file is about three bytes a pixel.</summary>
internal static class NoisePng
{
    public static byte[] Create(int width, int height)
    {
        using var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (8, 2); // eight bits, RGB
        WriteChunk(file, "IHDR", header);
        WriteChunk(file, "IDAT", Pixels(width, height));
        WriteChunk(file, "IEND", []);
        return file.ToArray();
    }

    private static byte[] Pixels(int width, int height)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest))
            for (var row = 0; row < height; row++)
                zlib.Write([0, .. RandomNumberGenerator.GetBytes(3 * width)]); // 0: no filter
        return packed.ToArray();
    }

    private static void WriteChunk(MemoryStream file, string type, byte[] data)
    {
        byte[] body = [.. Encoding.ASCII.GetBytes(type), .. data];
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        file.Write(body);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32(body));
        file.Write(number);
    }

    private static uint Crc32(byte[] data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ (0xEDB88320 & (uint)-(int)(crc & 1));
        }
        return ~crc;
    }
}
