using System.Text;
using TokenBroker.Proxy.Rewriting;

namespace TokenBroker.Hosting.Listening;

/// <summary>
/// How the server decodes the values of request headers: as Latin-1, since metadata may be. It decodes Connection before it
/// interprets and rewrites the header, so this is the only place that sees the value that the client sent.
/// </summary>
internal static class RequestHeaderText
{
    private static readonly Encoding Connection = new ConnectionEncoding();

    public static Encoding EncodingOf(string name) =>
        name.Equals("Connection", StringComparison.OrdinalIgnoreCase) ? Connection : Encoding.Latin1;

    private sealed class ConnectionEncoding : Encoding
    {
        public override int GetCharCount(byte[] bytes, int index, int count) => Decode(bytes, index, count).Length;

        public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex)
        {
            var text = Decode(bytes, byteIndex, byteCount);
            text.CopyTo(0, chars, charIndex, text.Length);
            return text.Length;
        }

        public override int GetMaxCharCount(int byteCount) => byteCount + 32; // an unknown option becomes a longer text

        public override int GetByteCount(char[] chars, int index, int count) => Latin1.GetByteCount(chars, index, count);

        public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) =>
            Latin1.GetBytes(chars, charIndex, charCount, bytes, byteIndex);

        public override int GetMaxByteCount(int charCount) => Latin1.GetMaxByteCount(charCount);

        private static string Decode(byte[] bytes, int index, int count) => ConnectionOption.Reduce(Latin1.GetString(bytes, index, count));
    }
}
