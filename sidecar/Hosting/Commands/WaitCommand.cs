using System.CommandLine;
using TokenBroker.Configuration.Reading;

namespace TokenBroker.Hosting.Commands;

/// <summary><c>tokenbroker wait</c>: ends when the sidecar is ready, for an init container or a script that starts the client.</summary>
internal static class WaitCommand
{
    private const string Description =
        "Wait until a running sidecar is ready, which means that every account has a token. Use it before you start the client. "
        + "Exit code 0: ready; 1: not ready before the timeout, with one line that says why; 2: the settings are wrong.";

    private static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(60);

    public static Subcommand Create()
    {
        var timeout = MakeTimeout(DefaultLimit);
        return new("wait", Description, invocation => AskAsync(invocation, "/health/ready", reply => reply.IsGood, timeout, DefaultLimit))
        {
            Options = [timeout],
            Shows = ["Admin"],
            NeedsAccount = false,
        };
    }

    public static Option<string> MakeTimeout(TimeSpan limit) =>
        new("--timeout") { Description = $"How long to keep trying. [default: {limit.TotalSeconds}s]", HelpName = "DURATION" };

    /// <summary>Asks until an answer is accepted, and prints it.</summary>
    public static async Task<int> AskAsync(Invocation invocation, string path, Func<HealthReply, bool> willDo, Option timeout, TimeSpan limit)
    {
        if (invocation.TextOf(timeout) is { } text
            && !(SettingReader.TryParseDuration(text, out limit) && limit > TimeSpan.Zero && limit <= TimeSpan.FromHours(24)))
            return await CommandLine.RefuseAsync(new ConfigurationFault(timeout.Name, text, "write a duration of at most 24h, as in 500ms, 10s or 5m"));
        if (invocation.Options.Admin.Port == 0)
            return await CommandLine.RefuseAsync(new ConfigurationFault("--admin", invocation.Options.Admin.ToString(), "give the port that the sidecar printed at its start"));
        using var question = new HealthQuestion(invocation.Options.Admin, path, TimeProvider.System);
        var reply = await question.AskUntilAsync(willDo, limit);
        await (reply.IsGood ? Console.Out : Console.Error).WriteLineAsync($"tokenbroker: {reply.Sentence}");
        return reply.IsGood ? ExitCode.Success : ExitCode.Failure;
    }
}
