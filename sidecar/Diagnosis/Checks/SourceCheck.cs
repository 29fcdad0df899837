using TokenBroker.Configuration;
using TokenBroker.Tokens.Sources;

namespace TokenBroker.Diagnosis.Checks;

/// <summary>Which source was chosen and why; and which variables selected it or seem to select it.</summary>
internal static class SourceCheck
{
    /// <summary>
    /// Each of these announces an identity only together with other variables: alone it is a leftover or an incomplete
    /// setting.
    /// </summary>
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

    /// <summary>True if neither an option nor the default selected the source.</summary>
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
        // Azure's libraries read a user-assigned identity from it, so users often expect every program to do so.
        if (identity.Kind == IdentityKind.System && environment["AZURE_CLIENT_ID"] is not null)
            yield return "AZURE_CLIENT_ID";
        if (options.Tokens.MetadataEndpoint is not null)
            yield break; // documented to override all of these
        foreach (var name in PartsOfAnnouncements.Where(name => environment[name] is not null))
            yield return name;
    }
}
