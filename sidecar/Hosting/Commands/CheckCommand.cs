using System.CommandLine;
using System.Text.Json;
using TokenBroker.Diagnosis;

namespace TokenBroker.Hosting.Commands;

/// <summary><c>tokenbroker check</c>: the diagnosis of a host, for people or for programs.</summary>
internal static class CheckCommand
{
    private const string Description =
        "Test every step from this host to storage, with the same options, file and variables as the sidecar: the token source, one token and its claims "
        + "(never the token itself), this host's clock, and for each account the name, the connection, the certificate, and a real request. "
        + "Changes nothing. Exit code 0: everything is ok; 3: there are warnings; 1: there are failures; 2: the settings are wrong.";

    public static Subcommand Create()
    {
        var json = new Option<bool>("--json") { Description = "Print the findings as JSON." };
        return new("check", Description, invocation => RunAsync(invocation, invocation.Has(json))) { Options = [json] };
    }

    private static async Task<int> RunAsync(Invocation invocation, bool json)
    {
        Action<string> progress = Console.IsErrorRedirected ? _ => { } : Console.Error.WriteLine;
        var report = await new HostCheck(invocation.Options, invocation.Environment, TimeProvider.System, progress).RunAsync(CancellationToken.None);
        await Console.Out.WriteAsync(json
            ? JsonSerializer.Serialize(report.ToDocument(), CheckJson.Default.CheckDocument) + "\n"
            : CheckTable.Write(report, colours: !Console.IsOutputRedirected && invocation.Environment["NO_COLOR"] is null));
        return report.Worst switch
        {
            Verdict.Ok => ExitCode.Success,
            Verdict.Warning => ExitCode.Warning,
            _ => ExitCode.Failure,
        };
    }
}
