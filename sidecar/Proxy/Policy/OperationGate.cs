using TokenBroker.Configuration;

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
    /// <returns>The refusal; null if there is none.</returns>
    public static Refusal? CheckCredential(BlobRequest request)
    {
        if (request.Account.Options.Policy?.Operations.HasFlag(BlobOperations.Delegate) == true)
            return null;
        // The whole query of a POST counts: another reader may find the operation anywhere in it.
        var isCredential = request.Operation.Row is { } row ? row.NeedsPolicy
            : NamesCredential(HttpMethods.IsPost(request.Method) ? request.Query.Sent : $"{request.RestType} {request.Comp}");
        return isCredential ? Refusal.DelegationKey : null;
    }

    /// <summary>What a policy refuses as unknown is refused without one, too, if storage could read it as an operation that is not allowed.</summary>
    /// <returns>The refusal; null if there is none.</returns>
    public static Refusal? CheckUnknown(BlobRequest request)
    {
        foreach (var name in OperationTable.MethodOverrides)
        {
            if (request.Headers.ContainsKey(name))
                return Refusal.OperationUnknown;
        }

        var isUnclear = request.Operation.Row is null
            && (HttpMethods.IsPost(request.Method) || !IsPlain(request.RestType) || !IsPlain(request.Comp));
        return isUnclear ? Refusal.OperationUnknown : null;
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
