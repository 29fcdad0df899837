using TokenBroker.Local.Azurite;
using TokenBroker.TestSupport;

namespace TokenBroker.EndToEnd.ClientMatrix;

/// <summary>The drivers of the clients of the second table.</summary>
internal static class FurtherDrivers
{
    private static readonly string Packages = Repository.PathOf("tests/TokenBroker.EndToEnd/ClientMatrix/js");

    public static Driver Of(Client client) =>
        client == Client.Java ? new ScriptDriver("HttpClientBlobs.java", () => Program("java"))
        : client == Client.ObjectStore ? new ContainerDriver(JavaScript("lancedb.mjs"))
        // It trusts the authorities that were compiled into it and no others.
        : client == Client.OpenDal ? new ContainerDriver(new PlainHttpDriver(JavaScript("opendal.mjs")))
        : client == Client.Gdal ? new ContainerDriver(ScriptDriver.Python("gdal.py"))
        : client == Client.MicrosoftAzureStorage ? OldDotNet("MicrosoftAzureStorage")
        : client == Client.WindowsAzureStorage ? OldDotNet("WindowsAzureStorage")
        : client == Client.AzureStorage ? JavaScript("azure_storage.mjs")
        : client == Client.PgBackRest ? new ContainerDriver(new PgBackRestDriver())
        : client == Client.Barman ? new ContainerDriver(new BarmanDriver())
        : throw new ArgumentOutOfRangeException(nameof(client), client, "has no driver");

    private static ScriptDriver JavaScript(string script) => new(script, async () =>
    {
        var node = await NodeInstallation.FindAsync(Environment.GetEnvironmentVariable("PATH") ?? "", CancellationToken.None);
        // Native code comes in optional packages, one for each platform.
        await new AzuritePackages(Packages) { IncludesOptional = true }.PrepareAsync(node, null, CancellationToken.None);
        return (node.NodePath, new Dictionary<string, string?> { ["MATRIX_PACKAGES"] = Packages });
    });

    /// <summary>A program of its own, since its packages are old and in nobody's way there.</summary>
    private static ScriptDriver OldDotNet(string project)
    {
        // PROJECT/bin/CONFIGURATION/FRAMEWORK/, as this assembly.
        var framework = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var file = Repository.PathOf($"tests/LegacyClients/{project}/bin/{framework.Parent!.Name}/{framework.Name}/{project}{(OperatingSystem.IsWindows() ? ".exe" : "")}");
        var runtime = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", ".."));
        return new(null, () => Program(file, ("DOTNET_ROOT", runtime)));
    }

    private static Task<(string, IReadOnlyDictionary<string, string?>)> Program(string file, params (string Name, string? Value)[] variables) =>
        Task.FromResult<(string, IReadOnlyDictionary<string, string?>)>((file, variables.ToDictionary(variable => variable.Name, variable => variable.Value)));
}
