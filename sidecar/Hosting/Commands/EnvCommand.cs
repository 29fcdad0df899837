using System.CommandLine;
using System.Net.Sockets;
using TokenBroker.Configuration;
using TokenBroker.Configuration.Reading;

namespace TokenBroker.Hosting.Commands;

/// <summary>
/// <c>tokenbroker env</c>: the lines that point a client at the sidecar, with the account and the address in them.
/// Standard output has only the lines, for <c>eval</c> or a file; notes go to standard error. It prints no real key: the
/// usual one is a dummy, and a caller key stays in its file.
/// </summary>
internal static class EnvCommand
{
    private static readonly string Description =
        "Print the lines that point a client at the sidecar: shell variables, settings, or code. --client is one of "
        + $"{string.Join(", ", ClientLines.All.Select(lines => lines.Name))}. Exit code 0, or 2: the settings are wrong.";

    public static Subcommand Create()
    {
        var client = new Option<string>("--client") { Description = "The client to print the lines for.", HelpName = "NAME" };
        var account = new Option<string>("--for") { Description = "The account, if there are several.", HelpName = "ACCOUNT" };
        return new("env", Description, invocation => RunAsync(invocation, client, account))
        {
            Options = [client, account],
            Shows = [SettingTable.AccountEndpoint, "Listen"],
        };
    }

    private static async Task<int> RunAsync(Invocation invocation, Option client, Option account)
    {
        var options = invocation.Options;
        var name = invocation.TextOf(client);
        if (ClientLines.All.FirstOrDefault(lines => lines.Name == name) is not { } lines)
            return await CommandLine.RefuseAsync(new ConfigurationFault(
                client.Name, name, $"use one of {string.Join(", ", ClientLines.All.Select(known => known.Name))}"));
        var chosen = invocation.TextOf(account);
        if (options.Accounts.Where(served => chosen is null || served.Name == chosen).ToList() is not [var one])
            return await CommandLine.RefuseAsync(new ConfigurationFault(
                account.Name, chosen, $"use one of the accounts: {string.Join(", ", options.Accounts.Select(served => served.Name))}"));
        var listener = options.ClientListener;
        if (listener.Port == 0)
            return await CommandLine.RefuseAsync(new ConfigurationFault("--listen", listener.ToString(), "give the port that the sidecar printed at its start"));

        foreach (var note in Notes(options, listener).Append(lines.Demand(one, listener)).OfType<string>())
            await Console.Error.WriteLineAsync($"tokenbroker: {note}");
        await Console.Out.WriteAsync(lines.Fill(one.Name, listener, hasCallerKey: options.Caller.Keys is not null));
        return ExitCode.Success;
    }

    private static IEnumerable<string> Notes(BrokerOptions options, ListenAddress listener)
    {
        if (options.Caller.Keys is not null)
            yield return "The sidecar has a caller key. Replace KEY with the key from its --caller-key file, and sv=…&sig=AAAA with a SAS that is made with this key.";
        if (listener.IsHttps)
            yield return "The sidecar uses https: the client must trust the authority of its certificate.";
        if (listener.Address.AddressFamily == AddressFamily.InterNetworkV6)
            yield return "Some SDKs, such as .NET's, do not accept an IPv6 address. Let the sidecar also listen on 127.0.0.1.";
    }
}
