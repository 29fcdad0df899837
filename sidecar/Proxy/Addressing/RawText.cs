using System.Globalization;
using System.Text;

namespace TokenBroker.Proxy.Addressing;

/// <summary>Decodes raw text for signatures, where bytes count and not characters.</summary>
internal static class RawText
{
    /// <summary>
    /// Percent-decodes once and maps each byte to one character. Signatures cover bytes, and no two texts become the same. A
    /// percent sign without two hexadecimal digits stays.
    /// </summary>
    /// <param name="text">The raw text.</param>
    /// <param name="plusIsSpace">True to read a plus sign as a space.</param>
    public static string DecodeBytes(ReadOnlySpan<char> text, bool plusIsSpace)
    {
        if (!text.Contains('%') && !(plusIsSpace && text.Contains('+')))
            return text.ToString();
        var decoded = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%' && i + 2 < text.Length && char.IsAsciiHexDigit(text[i + 1]) && char.IsAsciiHexDigit(text[i + 2]))
            {
                decoded.Append((char)byte.Parse(text.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                i += 2;
            }
            else
            {
                decoded.Append(text[i] == '+' && plusIsSpace ? ' ' : text[i]);
            }
        }

        return decoded.ToString();
    }
}
