using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Processes;
using TokenBroker.TestSupport.Requirements;

namespace TokenBroker.EndToEnd.ClientMatrix;

/// <summary>
/// A PostgreSQL server of a driver's own, in its directory and with a socket in it as its only address. Server and backup
/// tools run as the same user, since PostgreSQL refuses root.
/// </summary>
internal sealed class PostgresCluster(TemporaryDirectory directory, IReadOnlyDictionary<string, string?> variables)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    public string Data => directory.File("data");

    /// <summary>Makes the cluster and starts it.</summary>
    /// <param name="settings">Lines for postgresql.conf.</param>
    public async Task StartAsync(params string[] settings)
    {
        if (Environment.IsPrivilegedProcess)
            await RunAsRootAsync("chown", "--recursive", PostgresInstallation.User, directory.Path);
        await RunAsync(PostgresInstallation.Command("initdb"), "--pgdata", Data, "--auth", "trust", "--username", PostgresInstallation.User, "--no-sync");
        await File.AppendAllLinesAsync(Path.Combine(Data, "postgresql.conf"),
            ["listen_addresses = ''", $"unix_socket_directories = '{directory.Path}'", "fsync = off", "wal_level = replica", .. settings]);
        await StartAsync(Data);
    }

    /// <summary>Starts a server on restored data.</summary>
    public Task<string> StartAsync(string data) => RunAsync(PostgresInstallation.Command("pg_ctl"), "--pgdata", data, "--log", directory.File("log"), "--wait", "start");

    public Task<string> StopAsync(string data) => RunAsync(PostgresInstallation.Command("pg_ctl"), "--pgdata", data, "--mode", "immediate", "--wait", "stop");

    public async Task<string> QueryAsync(string sql) => (await RunAsync(PostgresInstallation.Command("psql"), "--no-psqlrc", "--tuples-only", "--no-align", "--command", sql, "postgres")).Trim();

    /// <summary>A command as the server's user. One that fails throws <see cref="CommandFailure"/>.</summary>
    public async Task<string> RunAsync(string command, params string[] arguments)
    {
        var spec = Environment.IsPrivilegedProcess
            ? new ProcessSpec("setpriv", ["--reuid", PostgresInstallation.User, "--regid", PostgresInstallation.User, "--clear-groups", command, .. arguments])
            : new ProcessSpec(command, arguments);
        var run = await ProcessRun.CompleteAsync(spec with { WorkingDirectory = directory.Path, Limit = Limit, Environment = Variables() });
        return run.ExitCode == 0 ? run.StandardOutput : throw new CommandFailure(run.ExitCode, run.Output);
    }

    /// <summary>Ends the servers that still run.</summary>
    public async Task StopAllAsync()
    {
        foreach (var running in Directory.GetFiles(directory.Path, "postmaster.pid", SearchOption.AllDirectories))
            await StopAsync(Path.GetDirectoryName(running)!);
    }

    private static async Task RunAsRootAsync(string command, params string[] arguments)
    {
        var run = await ProcessRun.CompleteAsync(new ProcessSpec(command, arguments));
        if (run.ExitCode != 0)
            throw new CommandFailure(run.ExitCode, run.Output);
    }

    private Dictionary<string, string?> Variables() => new(variables)
    {
        ["HOME"] = directory.Path,
        ["LANG"] = "C.UTF-8",
        ["PGHOST"] = directory.Path,
        ["PGUSER"] = PostgresInstallation.User,
        ["PYTHONDONTWRITEBYTECODE"] = "1",
    };
}
