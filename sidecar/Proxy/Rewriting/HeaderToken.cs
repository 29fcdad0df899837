using System.Buffers;

namespace TokenBroker.Proxy.Rewriting;

/// <summary>The characters of a header's name.</summary>
internal static class HeaderToken
{
    private static readonly SearchValues<char> Characters = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    public static bool IsToken(this ReadOnlySpan<char> name) => !name.IsEmpty && !name.ContainsAnyExcept(Characters);
}
