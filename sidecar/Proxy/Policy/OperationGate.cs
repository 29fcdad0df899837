using TokenBroker.Configuration;
using TokenBroker.Proxy.Addressing;

namespace TokenBroker.Proxy.Policy;

/// <summary>
/// Decides what may be sent whether or not the account has a policy. New storage features pass, unless they could hand out a
/// credential: an operation with a row for that, or without a row and named like one, needs a policy that names
/// <c>delegate</c>; a POST without a row is refused.
/// </summary>
internal static class OperationGate
{
    /// <summary>Parts of words by which storage names what hands out a credential.</summary>
    private static readonly string[] CredentialWords = ["key", "session", "token", "delegat", "credential", "secret", "signature", "sas", "auth", "password"];

    /// <summary>An operation that hands out a credential needs a policy that names it.</summary>
    /// <param name="account">The account.</param>
    /// <param name="asked">What is asked.</param>
    /// <param name="method">The method.</param>
    /// <param name="query">The raw query, as it will be sent.</param>
    /// <returns>The refusal; null if there is none.</returns>
    public static Refusal? CheckCredential(UpstreamAccount account, RequestedOperation asked, string method, string query)
    {
        if (account.Options.Policy?.Operations.HasFlag(BlobOperations.Delegate) == true)
            return null;
        // The whole query of a POST counts: another reader may find the operation anywhere in it.
        var isCredential = asked.Row is { } row ? row.Operations.HasFlag(BlobOperations.Delegate)
            : NamesCredential(HttpMethods.IsPost(method) ? query : $"{QueryValue.Of(query, "restype")} {QueryValue.Of(query, "comp")}");
        return isCredential ? Refusal.DelegationKey : null;
    }

    /// <summary>What a policy refuses as unknown is refused here without one, if storage could read it as an operation that is not allowed.</summary>
    /// <param name="asked">What is asked.</param>
    /// <param name="method">The method.</param>
    /// <param name="query">The raw query, as it will be sent.</param>
    /// <param name="header">A header's value by its name; null if it is not there.</param>
    /// <returns>The refusal; null if there is none.</returns>
    public static Refusal? CheckUnknown(RequestedOperation asked, string method, string query, Func<string, string?> header)
    {
        var overrides = OperationTable.MethodOverrides.Any(name => header(name) is not null);
        var isUnclear = asked.Row is null && (HttpMethods.IsPost(method) || !IsPlain(QueryValue.Of(query, "restype")) || !IsPlain(QueryValue.Of(query, "comp")));
        return overrides || isUnclear ? Refusal.OperationUnknown : null;
    }

    private static bool IsPlain(string? name) => !name.AsSpan().ContainsAnyExcept(RequestedOperation.InNames);

    /// <summary>In any spelling: encoded twice, in capitals, or with letters that some readers fold into ASCII.</summary>
    private static bool NamesCredential(string text)
    {
        var folded = string.Concat(Uri.UnescapeDataString(Uri.UnescapeDataString(text)).Select(Fold));
        return CredentialWords.Any(word => folded.Contains(word, StringComparison.Ordinal));
    }

    private static char Fold(char c) => c switch
    {
        '\u212a' => 'k', // the Kelvin sign
        '\u017f' => 's', // the long s
        '\u0130' or '\u0131' => 'i', // I with a dot, i without one
        >= '\uff01' and <= '\uff5e' => char.ToLowerInvariant((char)(c - 0xfee0)), // full width
        _ => char.ToLowerInvariant(c),
    };
}
