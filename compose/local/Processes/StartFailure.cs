
namespace TokenBroker.Local.Processes;

/// <summary>Turns the failed start of a child into a sentence for the user.</summary>
internal static class StartFailure
{
    private static readonly string[] PortRefused =
        ["EADDRINUSE", "EACCES", "EPERM", "address already in use", "Only one usage of each socket address", "Permission denied", "access permissions"];

    public static LocalEnvironmentException Of(ChildProcess child)
    {
        var lines = child.Output.Lines.Select(line => line.Trim()).Where(line => line.Length > 0).ToArray();
        if (lines.FirstOrDefault(IsPortRefused) is { } refused)
        {
            return new LocalEnvironmentException(
                $"{child.Name} could not listen on its port on 127.0.0.1 ({refused}): free the port or choose another one, and allow programs to listen on the loopback address.");
        }

        var last = lines.Length == 0 ? "it wrote nothing" : string.Join("; ", lines.TakeLast(3));
        return new LocalEnvironmentException($"{child.Name} ended while it was starting, with exit code {child.ExitCode}: {last}.");
    }

    public static LocalEnvironmentException TooSlow(ChildProcess child, TimeSpan limit, string? state = null)
    {
        var last = state ?? child.Output.Lines.LastOrDefault(line => line.Length > 0) ?? "it wrote nothing";
        return new LocalEnvironmentException($"{child.Name} was not ready within {limit.TotalSeconds:0} s ({last}): try again when the machine is less busy.");
    }

    private static bool IsPortRefused(string line) =>
        PortRefused.Any(word => line.Contains(word, StringComparison.OrdinalIgnoreCase));
}
