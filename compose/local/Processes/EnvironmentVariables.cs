namespace TokenBroker.Local.Processes;

/// <summary>
/// Removes the caller's variables that would redirect a token, a request or a listener. Leftover variables of a shell, an
/// IDE or a cloud host must not change what the environment does.
/// </summary>
public static class EnvironmentVariables
{
    private const string MetadataEndpointVariable = "AZURE_POD_IDENTITY_AUTHORITY_HOST";

    private static readonly string[] Prefixes =
    [
        // Each of these sends Azure.Identity away from the instance metadata endpoint.
        "IDENTITY_", "MSI_", "AZURE_", "AZURITE_",
        "TOKENBROKER_", "OTEL_", "ASPNETCORE_", "KESTREL__",
        // Debuggers and profilers use these to attach to every Node.js process.
        "NODE_",
    ];

    private static readonly HashSet<string> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        "IMDS_ENDPOINT",
        // Read by ASP.NET under several spellings. DOTNET_ROOT and the like stay: the children need them.
        "URLS", "HTTP_PORTS", "HTTPS_PORTS",
        "DOTNET_URLS", "DOTNET_HTTP_PORTS", "DOTNET_HTTPS_PORTS", "DOTNET_ENVIRONMENT", "DOTNET_CONTENTROOT",
        "DOTNET_APPLICATIONNAME", "DOTNET_PREVENTHOSTINGSTARTUP", "DOTNET_HOSTINGSTARTUPASSEMBLIES", "DOTNET_STARTUP_HOOKS",
        "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
    };

    /// <summary>Whether a variable of this name is removed. Case does not matter: proxy variables come in both.</summary>
    public static bool IsRemoved(string name) =>
        Names.Contains(name) || Prefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));

    /// <summary>Removes the variables from the environment of a process that is about to start.</summary>
    public static void Clean(IDictionary<string, string?> environment)
    {
        foreach (var name in environment.Keys.Where(IsRemoved).ToArray())
            environment.Remove(name);
    }

    /// <summary>
    /// Removes the variables from this process. Call it before the first HTTP request and the first Azure credential:
    /// .NET reads the web proxy once, and Azure.Identity reads the metadata endpoint once, for the life of the process.
    /// </summary>
    public static void CleanThisProcess()
    {
        foreach (var name in Environment.GetEnvironmentVariables().Keys.Cast<string>().Where(IsRemoved).ToArray())
            Environment.SetEnvironmentVariable(name, null);
    }

    /// <summary>
    /// Points the managed identity credentials of this process at <paramref name="metadataEndpoint"/>. It works once:
    /// after the first credential has asked for a token, Azure.Identity does not look at the variable again.
    /// </summary>
    /// <exception cref="LocalEnvironmentException">This machine always gets its tokens from Azure Arc.</exception>
    public static void PointCredentialsAt(Uri metadataEndpoint)
    {
        AzureArc.ThrowIfInstalled();
        CleanThisProcess();
        Environment.SetEnvironmentVariable(MetadataEndpointVariable, metadataEndpoint.GetLeftPart(UriPartial.Authority));
    }
}
