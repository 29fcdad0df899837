using System.Text.Json;
using Xunit;

namespace TokenBroker.EndToEnd.RealAzure;

/// <summary>
/// The account that somebody lent to the tests, by variables: <c>TOKENBROKER_AZURE_ACCOUNT=NAME[=ENDPOINT]</c>, whose identity must be
/// Storage Blob Data Contributor there; and, if the sidecar needs other settings than its defaults, a file of them in
/// <c>TOKENBROKER_AZURE_CONFIG</c>.
/// </summary>
/// <param name="Name">The account's name.</param>
/// <param name="Endpoint">Its blob endpoint.</param>
/// <param name="ConfigFile">Further settings of the sidecar; null for its defaults.</param>
internal sealed record AzureAccount(string Name, Uri Endpoint, string? ConfigFile)
{
    public const string Variable = "TOKENBROKER_AZURE_ACCOUNT";

    public const string WhySkipped =
        $"This test needs a real storage account: set {Variable}=NAME on a host whose managed identity is Storage Blob Data Contributor there.";

    /// <summary>Skips the running test if nobody lent an account.</summary>
    public static AzureAccount Demand()
    {
        var text = Environment.GetEnvironmentVariable(Variable);
        Assert.SkipUnless(!string.IsNullOrEmpty(text), WhySkipped);
        var parts = text!.Split('=', 2);
        return new(parts[0], new Uri(parts.Length > 1 ? parts[1] : $"https://{parts[0]}.blob.core.windows.net"),
            Environment.GetEnvironmentVariable("TOKENBROKER_AZURE_CONFIG"));
    }

    /// <summary>A setting of the file, by its name; null if it has none.</summary>
    public string? Setting(params string[] path)
    {
        if (ConfigFile is null)
            return null;
        using var document = JsonDocument.Parse(File.ReadAllText(ConfigFile));
        var at = document.RootElement;
        foreach (var name in path)
        {
            if (!at.TryGetProperty(name, out at))
                return null;
        }

        return at.GetString();
    }
}
