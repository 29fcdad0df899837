using Spectre.Console;

namespace TokenBroker.Client.Demo;

/// <summary>What is shown while the demo runs: an animated line on a terminal, plain lines elsewhere.</summary>
internal sealed class RunDisplay : IProgress<string>
{
    private readonly StatusContext? _status;

    private RunDisplay(StatusContext? status) => _status = status;

    public static async Task<T> ShowAsync<T>(Func<RunDisplay, Task<T>> run)
    {
        if (!AnsiConsole.Profile.Capabilities.Interactive || Console.IsOutputRedirected)
            return await run(new RunDisplay(status: null));

        return await AnsiConsole.Status().StartAsync("Starting", status => run(new RunDisplay(status)));
    }

    /// <summary>A step has begun: its line stays on the screen.</summary>
    public void Report(string value)
    {
        if (_status is null)
            Console.WriteLine(value);
        else
            AnsiConsole.MarkupLineInterpolated($"[grey]{value}[/]");
        Update(value);
    }

    /// <summary>Progress within a step: shown only on a terminal.</summary>
    public void Update(string value) => _status?.Status(Markup.Escape(value));
}
