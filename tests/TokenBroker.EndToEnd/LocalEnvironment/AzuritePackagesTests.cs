using System.Text.Json;
using TokenBroker.Local;
using TokenBroker.Local.Azurite;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Processes;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.Environments;

/// <summary>What can be wrong with Node.js and npm, each as one sentence, and the one installation that several processes share.</summary>
public sealed class AzuritePackagesTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("tokenbroker packages ").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Azurite => Directory.CreateDirectory(Path.Combine(_directory, "azurite")).FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("echo v16.20.2", "Node.js v16.20.2 (")]
    [InlineData("echo Welcome", "is not Node.js (`node --version` printed 'Welcome')")]
    [InlineData("echo broken >&2; exit 1", "printed 'broken'")]
    public async Task Unusable_node_is_one_sentence(string script, string sentence)
    {
        var exception = await Assert.ThrowsAsync<LocalEnvironmentException>(() => NodeInstallation.FindAsync(Programs(("node", script)), Cancellation));

        Assert.Contains(sentence, exception.Message, StringComparison.Ordinal);
        Assert.EndsWith("install Node.js 18 or newer (https://nodejs.org), put it on the PATH and run this again.", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_npm_is_one_sentence()
    {
        var exception = await Fails(("node", "echo v20.0.0"));

        Assert.StartsWith("npm, which installs the storage emulator Azurite, was not found on the PATH: install it", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("echo 'npm error code ENOTFOUND'; exit 1", "npm could not connect to its package registry (ENOTFOUND)")]
    [InlineData("echo 'npm error code ENOSPC' >&2; exit 1", "npm could not write Azurite's packages (ENOSPC)")]
    [InlineData("echo 'npm error something odd'; exit 7", "`npm ci` in compose/azurite failed with exit code 7 (npm error something odd)")]
    public async Task Failing_npm_is_one_sentence(string script, string sentence)
    {
        var exception = await Fails(("node", "echo v20.0.0"), ("npm", script));

        Assert.StartsWith(sentence, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Requires(Capability.Node, Capability.Npm)]
    public async Task Unreachable_registry_is_one_sentence_from_the_real_npm()
    {
        CopyPackageFiles();
        await File.WriteAllTextAsync(Path.Combine(Azurite, ".npmrc"), "registry=http://127.0.0.1:9/\ncache=cache\n", Cancellation);
        var node = await NodeInstallation.FindAsync(Environment.GetEnvironmentVariable("PATH")!, Cancellation);
        var exception = await Assert.ThrowsAsync<LocalEnvironmentException>(() => new AzuritePackages(Azurite).PrepareAsync(node, null, Cancellation));

        Assert.StartsWith("npm could not connect to its package registry (", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_starts_at_once_install_once_and_a_third_finds_it_done()
    {
        var node = await NodeWithFakeNpmAsync("echo run >> runs; sleep 1; mkdir node_modules");
        var waiting = new List<string>();
        var first = new AzuritePackages(Azurite).PrepareAsync(node, null, Cancellation);
        var second = new AzuritePackages(Azurite).PrepareAsync(node, new Lines(waiting), Cancellation);

        Assert.Equal([true, false], new[] { await first, await second }.OrderDescending());
        Assert.False(await new AzuritePackages(Azurite).PrepareAsync(node, null, Cancellation));
        Assert.Single(await File.ReadAllLinesAsync(Path.Combine(Azurite, "runs"), Cancellation));
        Assert.Contains("Another process is installing Azurite: waiting for it", waiting);
    }

    [Fact]
    public async Task Other_process_that_installs_is_waited_for()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Executable.Find("flock") is not null, "Needs the flock command of util-linux to stand for another process.");
        var node = await NodeWithFakeNpmAsync("mkdir node_modules");
        var lockFile = Path.Combine(Directory.CreateDirectory(Path.Combine(Azurite, "obj")).FullName, "install.lock");
        var waiting = new List<string>();
        Task<bool> preparing;
        await using (var other = ProcessRun.Start(new ProcessSpec("flock", lockFile, "sh", "-c", "echo held; exec sleep 60")))
        {
            await other.LineAsync("held", TimeSpan.FromSeconds(10));
            preparing = new AzuritePackages(Azurite).PrepareAsync(node, new Lines(waiting), Cancellation);
            await Wait.UntilAsync(() => waiting.Count > 0, TimeSpan.FromSeconds(10), "it says that it waits");
            Assert.False(preparing.IsCompleted);
        }

        Assert.True(await preparing);
    }

    [Fact]
    public async Task Interrupted_installation_and_a_new_lock_file_are_installed_again()
    {
        var node = await NodeWithFakeNpmAsync("echo run >> runs; mkdir -p node_modules");
        Directory.CreateDirectory(Path.Combine(Azurite, "node_modules", "half-installed"));

        Assert.True(await new AzuritePackages(Azurite).PrepareAsync(node, null, Cancellation));
        await File.AppendAllTextAsync(Path.Combine(Azurite, "package-lock.json"), "\n", Cancellation);
        Assert.True(await new AzuritePackages(Azurite).PrepareAsync(node, null, Cancellation));
    }

    [Fact]
    public void Lock_file_names_no_registry_and_one_exact_azurite()
    {
        using var lockFile = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(RecordedPaths.AzuriteDirectory, "package-lock.json")));
        var packages = lockFile.RootElement.GetProperty("packages").EnumerateObject().ToArray();

        Assert.All(packages, package => Assert.False(package.Value.TryGetProperty("resolved", out _), package.Name));
        Assert.All(packages.Skip(1), package => Assert.True(package.Value.TryGetProperty("integrity", out _), package.Name));
        Assert.Equal("3.35.0", packages.Single(package => package.Name == "node_modules/azurite").Value.GetProperty("version").GetString());
    }

    private async Task<LocalEnvironmentException> Fails(params (string Name, string Script)[] programs)
    {
        CopyPackageFiles();
        var node = await NodeInstallation.FindAsync(Programs(programs), Cancellation);
        return await Assert.ThrowsAsync<LocalEnvironmentException>(() => new AzuritePackages(Azurite).PrepareAsync(node, null, Cancellation));
    }

    private async Task<NodeInstallation> NodeWithFakeNpmAsync(string npmScript)
    {
        CopyPackageFiles();
        var fakes = Programs(("node", "echo v20.0.0"), ("npm", npmScript));
        var found = await NodeInstallation.FindAsync(fakes, Cancellation);
        // The fake npm itself uses the programs of the real PATH.
        return found with { SearchPath = fakes + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH") };
    }

    private void CopyPackageFiles()
    {
        foreach (var name in new[] { "package.json", "package-lock.json" })
            File.Copy(Path.Combine(RecordedPaths.AzuriteDirectory, name), Path.Combine(Azurite, name));
    }

    // A directory with shell scripts that stand for the programs.
    private string Programs(params (string Name, string Script)[] programs)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The programs of this test are shell scripts.");
        var directory = Directory.CreateDirectory(Path.Combine(_directory, "bin")).FullName;
        foreach (var (name, script) in programs)
        {
            var path = Path.Combine(directory, name);
            File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return directory;
    }

    private sealed class Lines(List<string> lines) : IProgress<string>
    {
        public void Report(string value) => lines.Add(value);
    }
}
