using TokenBroker.TestSupport.Processes;

namespace TokenBroker.TestSupport.Requirements;

/// <summary>The newest PostgreSQL server of this machine. Debian keeps its programs outside the PATH.</summary>
public static class PostgresInstallation
{
    /// <summary>Who runs the server when the tests run as root.</summary>
    public const string User = "postgres";

    private const string Debian = "/usr/lib/postgresql";

    /// <summary>The full path of a command of the server or its clients.</summary>
    public static string Command(string name) => Find(name) ?? throw new InvalidOperationException($"No {name} here: the test lacks [Requires(Capability.PostgreSql)].");

    internal static string? Missing() =>
        Find("initdb") is { } initdb && ProbeRun.Ask(initdb, "--version") is { ExitCode: 0 }
            ? null
            : $"Needs PostgreSQL's server, and finds no `initdb` that runs: {new Cure(Apt: "--no-install-recommends postgresql", Brew: "postgresql")}.";

    private static string? Find(string name) =>
        (Directory.Exists(Debian) ? Directory.GetDirectories(Debian) : [])
            .OrderByDescending(version => version.Length).ThenByDescending(version => version, StringComparer.Ordinal)
            .Select(version => Path.Combine(version, "bin", name)).FirstOrDefault(File.Exists)
        ?? Executable.Find(name);
}
