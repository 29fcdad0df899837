using System.Security.Cryptography;
using System.Text;

namespace TokenBroker.EndToEnd.ClientMatrix;

/// <summary>What commands write and what they must read.</summary>
internal static class Bytes
{
    /// <summary>Text that repeats at no power of two, so that a block in the wrong place shows.</summary>
    public static string Content(int size) => string.Concat(Enumerable.Repeat("tokenbroker ", size / 12 + 1))[..size];

    public static string Sha256(string content) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)));

    public static string Sha256OfFile(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));
}
