using System.CommandLine;
using TokenBroker.Configuration;

namespace TokenBroker.Hosting.Commands;

/// <summary><c>tokenbroker probe</c>: one question to a running sidecar, as the health check of a container that has no curl.</summary>
internal static class ProbeCommand
{
    private const string Description =
        "Ask the running sidecar's admin listener, for a container's health check. A refused connection is tried again until the time is up: "
        + "the sidecar may be about to listen. Exit code 0: yes; 1: no, and a line says why; 2: the settings are wrong.";

    private static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(5);

    public static Subcommand Create()
    {
        Option[] questions =
        [
            new Option<bool>("--ready") { Description = "Has every account a token? Asked if nothing else is." },
            new Option<bool>("--live") { Description = "Does the process answer?" },
            new Option<bool>("--startup") { Description = "Has it started?" },
        ];
        var timeout = WaitCommand.MakeTimeout(DefaultLimit);
        return new("probe", Description, invocation => RunAsync(invocation, questions, timeout))
        {
            Options = [.. questions, timeout],
            Shows = ["Admin"],
            NeedsAccount = false,
        };
    }

    private static async Task<int> RunAsync(Invocation invocation, Option[] questions, Option timeout)
    {
        var asked = questions.Where(invocation.Has).Select(option => option.Name).ToList();
        if (asked.Count > 1)
            return await CommandLine.RefuseAsync(new ConfigurationFault(string.Join(" ", asked), null, "ask one of these at a time"));
        var path = $"/health/{(asked is [var name] ? name : questions[0].Name)[2..]}";
        return await WaitCommand.AskAsync(invocation, path, reply => !reply.IsRefused, timeout, DefaultLimit);
    }
}
