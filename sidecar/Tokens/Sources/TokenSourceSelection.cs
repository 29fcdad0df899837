using TokenBroker.Configuration;
using TokenBroker.Tokens.Answers;

namespace TokenBroker.Tokens.Sources;

/// <summary>
/// Which token source is used on this host, and why: otherwise a leftover variable could silently select the wrong one.
/// </summary>
/// <param name="Kind">The source.</param>
/// <param name="Because">The reason, for the start-up message.</param>
internal sealed record TokenSourceSelection(TokenSourceKind Kind, string Because)
{
    /// <summary>The path of Azure Arc's agent. If it exists, Azure's libraries choose Arc.</summary>
    private static readonly string ArcAgent = OperatingSystem.IsWindows()
        ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "AzureConnectedMachineAgent", "himds.exe")
        : "/opt/azcmagent/bin/himds";

    public string Name => Kind switch
    {
        TokenSourceKind.Imds => "imds",
        TokenSourceKind.AppService => "app-service",
        TokenSourceKind.ServiceFabric => "service-fabric",
        TokenSourceKind.AzureArc => "azure-arc",
        TokenSourceKind.AzureMachineLearning => "azure-machine-learning",
        TokenSourceKind.CloudShell => "cloud-shell",
        TokenSourceKind.WorkloadIdentity => "workload-identity",
        _ => "azure-cli",
    };

    /// <summary>
    /// The explicit choice first, then what the platforms announce, in the order in which Azure's own libraries look:
    /// an app that starts to use the sidecar keeps its identity.
    /// </summary>
    public static TokenSourceSelection Choose(IdentitySelector identity, Uri? metadataEndpoint, ProcessEnvironment environment)
    {
        if (identity.Kind == IdentityKind.AzureCli)
            return new(TokenSourceKind.AzureCli, "--identity azure-cli");
        if (metadataEndpoint is not null)
            return new(TokenSourceKind.Imds, BecauseOf(metadataEndpoint, environment));
        bool Set(string name) => environment[name] is not null;
        if (Set("AZURE_FEDERATED_TOKEN_FILE") && Set("AZURE_TENANT_ID") && (Set("AZURE_CLIENT_ID") || identity.Kind == IdentityKind.ClientId))
            return new(TokenSourceKind.WorkloadIdentity, BecauseOfFederation(identity, environment));
        if (Set("IDENTITY_ENDPOINT") && Set("IDENTITY_HEADER"))
            return Set("IDENTITY_SERVER_THUMBPRINT")
                ? new(TokenSourceKind.ServiceFabric, "IDENTITY_ENDPOINT, IDENTITY_HEADER and IDENTITY_SERVER_THUMBPRINT are set")
                : new(TokenSourceKind.AppService, "IDENTITY_ENDPOINT and IDENTITY_HEADER are set");
        if (Set("MSI_ENDPOINT"))
            return Set("MSI_SECRET")
                ? new(TokenSourceKind.AzureMachineLearning, "MSI_ENDPOINT and MSI_SECRET are set")
                : new(TokenSourceKind.CloudShell, "MSI_ENDPOINT is set");
        if (Set("IDENTITY_ENDPOINT") && Set("IMDS_ENDPOINT"))
            return new(TokenSourceKind.AzureArc, "IDENTITY_ENDPOINT and IMDS_ENDPOINT are set");
        return File.Exists(ArcAgent)
            ? new(TokenSourceKind.AzureArc, $"{ArcAgent} exists")
            : new(TokenSourceKind.Imds, "nothing in the environment names another source");
    }

    /// <summary>Creates the source of tokens for storage.</summary>
    /// <param name="identity">The identity that the source was chosen for.</param>
    /// <param name="settings">Where the metadata endpoint is, and how long an attempt may take.</param>
    /// <param name="metadataClient">Made by <see cref="ImdsTokenSource.CreateClient"/>.</param>
    /// <param name="time">The clocks.</param>
    public ITokenSource CreateSource(IdentitySelector identity, TokenOptions settings, HttpMessageInvoker metadataClient, TimeProvider time) =>
        Kind == TokenSourceKind.Imds
            ? new ImdsTokenSource(metadataClient, settings.MetadataEndpoint ?? ImdsTokenSource.DefaultEndpoint,
                identity, StorageAudience.Uri, settings.AttemptTimeout, time)
            : new AzureIdentityTokenSource(this, identity, StorageAudience.Uri, settings.AttemptTimeout, time);

    private static string BecauseOf(Uri metadataEndpoint, ProcessEnvironment environment)
    {
        const string Variable = "AZURE_POD_IDENTITY_AUTHORITY_HOST";
        var byVariable = Uri.TryCreate(environment[Variable], UriKind.Absolute, out var named) && named.Authority == metadataEndpoint.Authority;
        return $"{(byVariable ? Variable : "the metadata endpoint")} is set to {metadataEndpoint.GetLeftPart(UriPartial.Authority)}";
    }

    private static string BecauseOfFederation(IdentitySelector identity, ProcessEnvironment environment)
    {
        var client = identity.Kind == IdentityKind.ClientId ? "" : ", AZURE_CLIENT_ID";
        // It decides which server gets the pod's own token.
        var authority = environment["AZURE_AUTHORITY_HOST"] is null ? "" : ", AZURE_AUTHORITY_HOST";
        return $"AZURE_FEDERATED_TOKEN_FILE{client}{authority} and AZURE_TENANT_ID are set";
    }
}
