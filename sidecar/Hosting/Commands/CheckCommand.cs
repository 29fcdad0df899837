using System.CommandLine;
using System.Text.Json;
using TokenBroker.Diagnosis;

namespace TokenBroker.Hosting.Commands;

/// <summary><c>tokenbroker check</c>: the diagnosis of a host, for people or for programs.</summary>
internal static class CheckCommand
{
    private const string Description =
        "Diagnose this host from end to end, with the same options, file and variables as the sidecar itself: the source of tokens, one token and its claims "
        + "(never the token), this host's clock, and for each account name, connection, certificate, and a real request with the role that it needs. "
        + "Changes nothing. Exit code 0: all is well; 3: the worst finding is a warning; 1: it is a failure; 2: the settings are wrong.";

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
