using System.Text.Json;
using System.Text.Json.Nodes;
using TokenBroker.TestSupport;

namespace TokenBroker.EndToEnd.ClientMatrix;

/// <summary>pgBackRest with the configuration of docs/clients.md and a whole PostgreSQL: its log is archived, it is backed up and restored.</summary>
internal sealed class PgBackRestDriver : Driver
{
    public override async Task<IReadOnlyDictionary<string, JsonObject>> RunAsync(Leg leg, string lines, string container)
    {
        using var directory = new TemporaryDirectory();
        var authority = directory.File("authority.pem");
        File.Copy(leg.AuthorityFile!, authority);
        var file = directory.File("pgbackrest.conf");
        await File.WriteAllTextAsync(file, lines
            .Replace("repo1-azure-container=container", $"repo1-azure-container={container}", StringComparison.Ordinal)
            .Replace("authority.pem", authority, StringComparison.Ordinal) + $"""
            log-path={directory.Path}
            lock-path={directory.Path}
            spool-path={directory.Path}
            log-level-console=warn
            start-fast=y
            compress-type=none
            repo1-bundle=y
            repo1-retention-full=9
            [main]
            pg1-path={directory.File("data")}
            pg1-socket-path={directory.Path}

            """);
        var database = new PostgresCluster(directory, new Dictionary<string, string?>());
        string[] tool = [$"--config={file}", "--stanza=main"];
        var operations = new Dictionary<string, Func<Task<object?>>>
        {
            ["put-get"] = () => PutGetAsync(database, tool),
            ["staged"] = () => StagedAsync(database, tool, directory.File("restored")),
            ["list"] = () => ListAsync(database, tool),
            ["delete"] = () => DeleteAsync(database, tool),
        };
        try
        {
            await database.StartAsync("archive_mode = on", $"archive_command = 'pgbackrest {string.Join(' ', tool)} archive-push %p'");
            return await CommandLineDriver.RunAsync(operations);
        }
        finally
        {
            await database.StopAllAsync();
        }
    }

    private static async Task<object?> PutGetAsync(PostgresCluster database, string[] tool)
    {
        await database.RunAsync("pgbackrest", [.. tool, "stanza-create"]);
        await database.RunAsync("pgbackrest", [.. tool, "check"]);
        await database.RunAsync("pgbackrest", [.. tool, "backup", "--type=full"]);
        await database.RunAsync("pgbackrest", [.. tool, "verify"]);
        return null;
    }

    /// <summary>70 MiB that no compression makes smaller, in the log and in a backup; a server on the restored data has them.</summary>
    private static async Task<object?> StagedAsync(PostgresCluster database, string[] tool, string restored)
    {
        const string Sum = "SELECT count(*) || ' ' || md5(string_agg(md5(noise), '' ORDER BY id)) FROM large";
        await database.QueryAsync("CREATE EXTENSION pgcrypto; CREATE TABLE large AS SELECT id, gen_random_bytes(1024) AS noise FROM generate_series(1, 71680) AS id");
        var sum = await database.QueryAsync(Sum);
        await database.RunAsync("pgbackrest", [.. tool, "backup", "--type=incr"]);
        await database.StopAsync(database.Data);
        await database.RunAsync("pgbackrest", [.. tool, "restore", $"--pg1-path={restored}", "--archive-mode=off"]);
        await database.StartAsync(restored);
        var same = await database.QueryAsync(Sum) == sum;
        await database.StopAsync(restored);
        await database.StartAsync(database.Data);
        return new { same };
    }

    private static async Task<object?> ListAsync(PostgresCluster database, string[] tool) => new { backups = await BackupsAsync(database, tool) };

    /// <summary>The full backup stays.</summary>
    private static async Task<object?> DeleteAsync(PostgresCluster database, string[] tool)
    {
        using var info = JsonDocument.Parse(await database.RunAsync("pgbackrest", [.. tool, "info", "--output=json"]));
        var last = info.RootElement[0].GetProperty("backup").EnumerateArray().Last().GetProperty("label").GetString();
        await database.RunAsync("pgbackrest", [.. tool, "expire", $"--set={last}"]);
        return new { backups = await BackupsAsync(database, tool) };
    }

    private static async Task<string[]> BackupsAsync(PostgresCluster database, string[] tool)
    {
        using var info = JsonDocument.Parse(await database.RunAsync("pgbackrest", [.. tool, "info", "--output=json"]));
        return [.. info.RootElement[0].GetProperty("backup").EnumerateArray().Select(backup => backup.GetProperty("type").GetString()!)];
    }
}
