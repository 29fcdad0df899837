using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using TokenBroker.Local.Processes;

namespace TokenBroker.Local.Azurite;

/// <summary>The Node.js that runs Azurite, found on the PATH and checked for its version.</summary>
internal sealed record NodeInstallation(string NodePath, string Version, string SearchPath)
{
    private const int OldestMajor = 18;
    private const string Cure = "install Node.js 18 or newer (https://nodejs.org), put it on the PATH and run this again";

    public static async Task<NodeInstallation> FindAsync(string searchPath, CancellationToken cancellationToken)
    {
        var path = ExecutableSearch.Find("node", searchPath)
            ?? throw new LocalEnvironmentException($"Node.js, which the storage emulator Azurite runs on, was not found on the PATH: {Cure}.");
        var version = await ReadVersionAsync(path, cancellationToken).ConfigureAwait(false);
        if (MajorOf(version) is not { } major)
            throw new LocalEnvironmentException($"'{path}' is not Node.js (`node --version` printed '{version}'): {Cure}.");
        if (major < OldestMajor)
            throw new LocalEnvironmentException($"Node.js {version} ('{path}') is too old for the storage emulator Azurite: {Cure}.");

        return new NodeInstallation(path, version, searchPath);
    }

    /// <summary>npm is needed only while packages are installed, and is a package of its own on some systems.</summary>
    public string FindNpm() => ExecutableSearch.Find("npm", SearchPath)
        ?? throw new LocalEnvironmentException(
            "npm, which installs the storage emulator Azurite, was not found on the PATH: install it (it comes with Node.js from https://nodejs.org; " +
            "on Debian and Ubuntu it is the package 'npm') and run this again.");

    private static async Task<string> ReadVersionAsync(string nodePath, CancellationToken cancellationToken)
    {
        var startInfo = ChildStart.Program(nodePath, ["--version"], Path.GetTempPath());
        startInfo.UseShellExecute = false;
        startInfo.RedirectStandardOutput = true;
        startInfo.RedirectStandardError = true;
        try
        {
            using var process = Process.Start(startInfo)!;
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            var output = await process.StandardOutput.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            return output.Trim() is { Length: > 0 } version ? version : (await error.ConfigureAwait(false)).Trim();
        }
        catch (Win32Exception exception)
        {
            throw new LocalEnvironmentException($"Node.js at '{nodePath}' cannot be run ({exception.Message}): {Cure}.", exception);
        }
    }

    private static int? MajorOf(string version)
    {
        var major = version.StartsWith('v') ? version[1..].Split('.')[0] : "";
        return int.TryParse(major, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
