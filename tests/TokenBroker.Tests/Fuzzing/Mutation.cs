using System.Globalization;
using CsCheck;

namespace TokenBroker.Tests.Fuzzing;

/// <summary>One change to a text: another spelling of the same, or something that a reader may stumble over.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="At">Where, modulo the length.</param>
/// <param name="Symbol">What to put there, where something is put.</param>
internal readonly record struct Mutation(int Kind, int At, string Symbol)
{
    private static readonly Gen<string> Symbols = Gen.OneOf(
        "%", "%2", "%zz", "%00", "%25", "%2e", "%2E%2E", "..", ".", "/", "//", "\\", "%2f", "%2F", "%5c", "%5C", ";", ";x=1", "+", "@", ":", "#", "?", "&", "=",
        "%26", "%3D", "%3B", "%20", " ", "\t", "\r", "\n", "\0", "\x7f", "\u0080", "\u00ff", "%c0%af", "%u002e", "%252e%252e", "%252f", "/../", "/..%2f", "/%2e%2e/", "\\..\\",
        "/%252e%252e/%252e%252e/", "-secondary", "/acct", "/other", "$", "%24", "*", "~", "&comp=tags", "&COMP=acl", "&%63omp=tags", "&restype=container", ";comp=tags", "&sig=x", "&sv=2015-02-21", "&comp", "&comp=");

    private static readonly Gen<Mutation> One = Gen.Select(Gen.Int[0, 9], Gen.Int[0, 400], Symbols, (kind, at, symbol) => new Mutation(kind, at, symbol));

    /// <summary>Most cases are left as they are, or nothing would get past parsing.</summary>
    public static Gen<Mutation[]> Few { get; } = Gen.Frequency(
        (7, Gen.Const(Array.Empty<Mutation>())), (3, One.Array[1]), (1, One.Array[1, 4]));

    public string Apply(string text)
    {
        if (text.Length == 0)
            return Kind < 5 ? text : Symbol;
        var at = At % text.Length;
        return Kind switch
        {
            0 => text[..at] + Escaped(text[at]) + text[(at + 1)..],
            1 => text[..at] + Escaped(text[at]).Replace("%", "%25", StringComparison.Ordinal) + text[(at + 1)..],
            2 => text[..at] + Other(text[at]) + text[(at + 1)..],
            3 => text[..at] + text[(at + 1)..],
            4 => text + text[at..], // the end once more
            5 when At > 395 => text.Insert(at, new string(Symbol[0], 9000)),
            _ => text.Insert(at, Symbol),
        };
    }

    public static string Apply(IEnumerable<Mutation> mutations, string text) => mutations.Aggregate(text, (now, mutation) => mutation.Apply(now));

    private static string Escaped(char symbol) =>
        string.Create(CultureInfo.InvariantCulture, $"%{(int)symbol & 0xff:x2}");

    private static char Other(char symbol) => char.IsAsciiLetterLower(symbol) ? char.ToUpperInvariant(symbol) : char.ToLowerInvariant(symbol);
}
