using System.CommandLine;
using TokenBroker.Configuration.Reading;

namespace TokenBroker.Hosting.Commands;

/// <summary><c>tokenbroker probe</c>: one question to a running sidecar, as the health check of a container that has no curl.</summary>
internal static class ProbeCommand
{
    private const string Description =
        "Ask a running sidecar's admin listener for its health, as a container's health check. If the connection is refused, it tries again until the timeout, "
        + "because the sidecar may be starting. Exit code 0: healthy; 1: not healthy, with one line that says why; 2: the settings are wrong.";

    private static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(5);

    public static Subcommand Create()
    {
        Option[] questions =
        [
            new Option<bool>("--ready") { Description = "Ask whether every account has a token (the default)." },
            new Option<bool>("--live") { Description = "Ask whether the process works." },
            new Option<bool>("--startup") { Description = "Ask whether the sidecar has started." },
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
            return await CommandLine.RefuseAsync(new ConfigurationFault(string.Join(" ", asked), null, "give only one of these options"));
        var path = $"/health/{(asked is [var name] ? name : questions[0].Name)[2..]}";
        return await WaitCommand.AskAsync(invocation, path, reply => !reply.IsRefused, timeout, DefaultLimit);
    }
}
