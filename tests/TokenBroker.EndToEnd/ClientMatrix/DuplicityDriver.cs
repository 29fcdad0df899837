using TokenBroker.TestSupport;

namespace TokenBroker.EndToEnd.ClientMatrix;

/// <summary>duplicity with the command that docs/clients.md has, and those that read such a backup.</summary>
internal sealed class DuplicityDriver : CommandLineDriver
{
    protected override IReadOnlyDictionary<string, Func<Task<object?>>> Operations(Leg leg, string lines, string container, TemporaryDirectory directory)
    {
        var environment = new Dictionary<string, string?>([.. ExportedVariables.Of(lines), .. leg.Trust])
        {
            ["HOME"] = directory.File("home"), // where its cache is
            ["PYTHONDONTWRITEBYTECODE"] = "1",
        };
        Directory.CreateDirectory(directory.File("home"));
        var duplicity = new CommandLine("duplicity", ["--no-encryption", "--num-retries", "1"], environment, directory);
        var backup = lines.Replace("azure://container", $"azure://{container}", StringComparison.Ordinal);
        return new Dictionary<string, Func<Task<object?>>>
        {
            ["put-get"] = () => PutGetAsync(duplicity, backup, $"azure://{container}"),
            ["list"] = async () => new { files = (await duplicity.RunAsync("list-current-files", $"azure://{container}")).Split('\n').Where(line => line.Contains("photo", StringComparison.Ordinal)).Select(line => line[25..]).ToArray() },
            ["staged"] = () => StagedAsync(duplicity, backup, $"azure://{container}"),
            ["delete"] = () => DeleteAsync(duplicity, $"azure://{container}"),
        };
    }

    private static async Task<object?> PutGetAsync(CommandLine duplicity, string backup, string at)
    {
        duplicity.Write("photos/photo one.png", Bytes.Content(100_000));
        duplicity.Write("photos/deep/photo ü.png", "1234");
        await duplicity.RunScriptAsync(backup);
        await duplicity.RunAsync("verify", "--compare-data", at, "photos");
        await duplicity.RunAsync("restore", at, "restored");
        return new { same = Bytes.Sha256OfFile(duplicity.Directory.File("restored/photo one.png")) == Bytes.Sha256(Bytes.Content(100_000)), small = await File.ReadAllTextAsync(duplicity.Directory.File("restored/deep/photo ü.png")) };
    }

    /// <summary>The next run adds what has changed: bytes that no compression makes smaller.</summary>
    private static async Task<object?> StagedAsync(CommandLine duplicity, string backup, string at)
    {
        var noise = new byte[70 << 20];
        new Random(70).NextBytes(noise);
        var file = duplicity.Directory.File("photos/large photo.raw");
        await File.WriteAllBytesAsync(file, noise);
        await duplicity.RunScriptAsync(backup);
        await duplicity.RunAsync("restore", "--file-to-restore", "large photo.raw", at, "restored.raw");
        return new { same = Bytes.Sha256OfFile(duplicity.Directory.File("restored.raw")) == Bytes.Sha256OfFile(file) };
    }

    private static async Task<object?> DeleteAsync(CommandLine duplicity, string at)
    {
        File.Delete(duplicity.Directory.File("photos/large photo.raw"));
        await duplicity.RunAsync("full", "photos", at);
        await duplicity.RunAsync("remove-all-but-n-full", "1", "--force", at);
        var chains = (await duplicity.RunAsync("collection-status", at)).Split('\n').Count(line => line.Contains("Full", StringComparison.Ordinal));
        return new { chains };
    }
}
