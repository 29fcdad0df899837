using System.Text;
using TokenBroker.Configuration;

namespace TokenBroker.Hosting;

/// <summary>
/// <c>tokenbroker key</c>: a new caller key and the connection strings that carry it. Its output is a file for
/// <c>--caller-key</c> as it stands: what is not the key is comment.
/// </summary>
internal static class KeyCommand
{
    public const string Name = "key";

    public const string Description =
        "Print a new random caller key, and the connection string for each --account. Write the output to a file that only "
        + "the sidecar's user can read, and name it with --caller-key.";

    /// <param name="result">What the settings came to.</param>
    /// <returns>The output; null if the settings have faults other than that they name no account.</returns>
    public static string? Answer(ConfigurationResult result)
    {
        if (result.Options is null && result.Faults is not [{ Setting: "--account", Value: null }])
            return null;
        var key = CallerKeys.Generate();
        var text = new StringBuilder()
            .AppendLine("# A caller key of tokenbroker: no key of Azure, but whoever knows it may use the sidecar.")
            .AppendLine(key);
        if (result.Options is not { } options)
            return text.AppendLine("# Name the accounts with --account to get their connection strings.").ToString();
        foreach (var account in options.Accounts)
        {
            text.AppendLine($"# {account.Name}:")
                .AppendLine($"# DefaultEndpointsProtocol={options.Listen.Scheme};AccountName={account.Name};AccountKey={key};"
                    + $"BlobEndpoint={options.Listen}/{account.Name};");
        }

        return text.ToString();
    }
}
