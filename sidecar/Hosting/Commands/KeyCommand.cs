using System.Text;
using TokenBroker.Configuration;
using TokenBroker.Configuration.Reading;

namespace TokenBroker.Hosting.Commands;

/// <summary>
/// <c>tokenbroker key</c>: a new caller key and the connection strings that contain it. Its output can be used directly as
/// the file of <c>--caller-key</c>: everything except the key is a comment.
/// </summary>
internal static class KeyCommand
{
    private const string Description =
        "Print a new random caller key and a connection string for each --account. Write the output to a file that only "
        + "the sidecar's user can read, and pass this file to --caller-key.";

    public static Subcommand Create() => new("key", Description, async invocation =>
    {
        await Console.Out.WriteAsync(Answer(invocation.Options));
        return ExitCode.Success;
    })
    {
        Takes = [SettingTable.AccountEndpoint, "Listen"],
        NeedsAccount = false,
        ToRun = false,
    };

    public static string Answer(BrokerOptions options)
    {
        var key = CallerKeys.Generate();
        var text = new StringBuilder()
            .AppendLine("# A caller key of tokenbroker. It is not an Azure key, but it allows clients to use the sidecar: keep it secret.")
            .AppendLine(key);
        if (options.Accounts.Count == 0)
            text.AppendLine("# Add --account NAME to get the connection string of an account.");
        foreach (var account in options.Accounts)
        {
            text.AppendLine($"# {account.Name}:")
                .AppendLine($"# DefaultEndpointsProtocol={options.ClientListener.Scheme};AccountName={account.Name};AccountKey={key};"
                    + $"BlobEndpoint={options.ClientListener}/{account.Name};");
        }

        return text.ToString();
    }
}
