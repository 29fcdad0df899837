using TokenBroker.Configuration;
using TokenBroker.Tokens.Sources;

namespace TokenBroker.Diagnosis.Checks;

/// <summary>Which source was chosen and why; and which variables divert it, or look as if they did.</summary>
internal static class SourceCheck
{
    /// <summary>Each announces an identity together with others only: alone it is a leftover, or half of a setting.</summary>
    private static readonly string[] PartsOfAnnouncements = ["AZURE_FEDERATED_TOKEN_FILE", "IDENTITY_ENDPOINT", "IDENTITY_HEADER", "MSI_SECRET"];

    public static Finding Judge(
        string subject, IdentitySelector identity, TokenSourceSelection selection, BrokerOptions options, ProcessEnvironment environment, bool hasToken)
    {
        var unread = Unread(identity, selection, options, environment).ToList();
        var cause = !hasToken && IsDiverted(selection, environment) ? Cause.SourceDiverted
            : unread.Count > 0 ? Cause.SourceVariablesUnread
            : Cause.SourceFound;
        return Finding.Of(subject, cause,
            ("source", selection.Name), ("because", selection.Because), ("set and not read", string.Join(", ", unread)));
    }

    /// <summary>True where neither an option nor the default decided.</summary>
    private static bool IsDiverted(TokenSourceSelection selection, ProcessEnvironment environment) => selection.Kind switch
    {
        TokenSourceKind.AzureCli => false,
        TokenSourceKind.Imds => environment["AZURE_POD_IDENTITY_AUTHORITY_HOST"] is not null,
        _ => true,
    };

    private static IEnumerable<string> Unread(
        IdentitySelector identity, TokenSourceSelection selection, BrokerOptions options, ProcessEnvironment environment)
    {
        if (selection.Kind != TokenSourceKind.Imds)
            yield break;
        // Azure's libraries take a user-assigned identity from it, and so it is often set in the belief that all do.
        if (identity.Kind == IdentityKind.System && environment["AZURE_CLIENT_ID"] is not null)
            yield return "AZURE_CLIENT_ID";
        if (options.Tokens.MetadataEndpoint is not null)
            yield break; // said to win over all of these
        foreach (var name in PartsOfAnnouncements.Where(name => environment[name] is not null))
            yield return name;
    }
}
