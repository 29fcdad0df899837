using System.Text.Json;
using System.Text.Json.Nodes;
using TokenBroker.TestSupport;

namespace TokenBroker.EndToEnd.ClientMatrix;

/// <summary>barman-cloud with the lines of docs/clients.md and a whole PostgreSQL.</summary>
internal sealed class BarmanDriver : Driver
{
    public override async Task<IReadOnlyDictionary<string, JsonObject>> RunAsync(Leg leg, string lines, string container)
    {
        using var directory = new TemporaryDirectory();
        var variables = new Dictionary<string, string?>(ExportedVariables.Of(lines));
        if (leg.AuthorityFile is { } authority)
        {
            // Its own may be in a directory that the server's user cannot enter.
            File.Copy(authority, directory.File("authority.pem"));
            variables["REQUESTS_CA_BUNDLE"] = directory.File("authority.pem");
        }

        var database = new PostgresCluster(directory, variables);
        var documented = lines.Split('\n').Single(line => line.StartsWith("barman-cloud-backup ", StringComparison.Ordinal));
        var backup = documented.Replace("/container main", $"/{container} main --immediate-checkpoint", StringComparison.Ordinal);
        string[] common = ["--cloud-provider", "azure-blob-storage", $"{leg.Endpoint}/{container}", "main"];
        var operations = new Dictionary<string, Func<Task<object?>>>
        {
            ["put-get"] = () => PutGetAsync(database, common, directory),
            ["staged"] = () => StagedAsync(database, backup, common, directory.File("restored")),
            ["list"] = async () => new { count = (await BackupsAsync(database, common)).Length },
            ["delete"] = () => DeleteAsync(database, common),
        };
        try
        {
            await database.StartAsync();
            return await CommandLineDriver.RunAsync(operations);
        }
        finally
        {
            await database.StopAllAsync();
        }
    }

    /// <summary>A segment of the log: 16 MiB, in blocks.</summary>
    private static async Task<object?> PutGetAsync(PostgresCluster database, string[] common, TemporaryDirectory directory)
    {
        await database.QueryAsync("SELECT pg_switch_wal()");
        var segment = Directory.GetFiles(Path.Combine(database.Data, "pg_wal")).Order(StringComparer.Ordinal).First(file => Path.GetFileName(file).Length == 24);
        var copy = directory.File("segment");
        File.Copy(segment, copy);
        await database.RunAsync("barman-cloud-wal-archive", [.. common, segment]);
        await database.RunAsync("barman-cloud-wal-restore", [.. common, Path.GetFileName(segment), directory.File("again")]);
        return new { same = Bytes.Sha256OfFile(directory.File("again")) == Bytes.Sha256OfFile(copy) };
    }

    private static async Task<object?> StagedAsync(PostgresCluster database, string backup, string[] common, string restored)
    {
        await database.QueryAsync("CREATE EXTENSION pgcrypto; CREATE TABLE large AS SELECT gen_random_bytes(1024) AS noise FROM generate_series(1, 71680)");
        await database.QueryAsync("CHECKPOINT");
        var relation = await database.QueryAsync("SELECT pg_relation_filepath('large')");
        await database.RunAsync("bash", "-e", "-c", backup);
        var id = Assert(await BackupsAsync(database, common));
        await database.RunAsync("barman-cloud-restore", [.. common, id, restored]);
        return new { same = Bytes.Sha256OfFile(Path.Combine(restored, relation)) == Bytes.Sha256OfFile(Path.Combine(database.Data, relation)) };

        static string Assert(string[] backups) => backups is [var only] ? only : throw new InvalidOperationException($"{backups.Length} backups");
    }

    /// <summary>The objects of a backup are deleted by a batch.</summary>
    private static async Task<object?> DeleteAsync(PostgresCluster database, string[] common)
    {
        await database.RunAsync("barman-cloud-backup-delete", [.. common, "--backup-id", (await BackupsAsync(database, common))[0]]);
        return new { left = (await BackupsAsync(database, common)).Length };
    }

    private static async Task<string[]> BackupsAsync(PostgresCluster database, string[] common)
    {
        using var list = JsonDocument.Parse(await database.RunAsync("barman-cloud-backup-list", ["--format", "json", .. common]));
        return [.. list.RootElement.GetProperty("backups_list").EnumerateArray().Select(backup => backup.GetProperty("backup_id").GetString()!)];
    }
}
