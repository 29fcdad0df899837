using System.Security.Cryptography;
using TokenBroker.Local.Processes;

namespace TokenBroker.Local.Azurite;

/// <summary>
/// Azurite's packages beside its package.json: installed by `npm ci` when they are missing or belong to another lock
/// file, by one process at a time. A stamp, written last, holds the lock file's hash: an installation that was
/// interrupted has none and is done again.
/// </summary>
internal sealed class AzuritePackages(string directory)
{
    public static string StartScript => Path.Combine(RecordedPaths.AzuriteDirectory, "start.cjs");

    /// <summary>Whether optional packages are installed as well.</summary>
    public bool IncludesOptional { get; init; }

    private string StampFile => Path.Combine(directory, "node_modules", ".tokenbroker-stamp");

    /// <summary>Installs the packages unless they are there. True if it had to.</summary>
    public async Task<bool> PrepareAsync(NodeInstallation node, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        try
        {
            if (AreInstalled())
                return false;

            var lockFile = Path.Combine(directory, "obj", "install.lock");
            using var held = await CrossProcessLock.AcquireAsync(
                lockFile, () => progress?.Report("Another process is installing Azurite: waiting for it"), cancellationToken).ConfigureAwait(false);
            if (AreInstalled())
                return false;

            var install = new NpmInstall(node.FindNpm(), node, directory) { IncludesOptional = IncludesOptional };
            await install.RunAsync(progress, cancellationToken).ConfigureAwait(false);
            await File.WriteAllTextAsync(StampFile, LockFileHash(), cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            throw new LocalEnvironmentException($"Azurite's packages cannot be installed in '{directory}' ({exception.Message}): make the directory writable and run this again.", exception);
        }
    }

    private bool AreInstalled() => File.Exists(StampFile) && File.ReadAllText(StampFile) == LockFileHash();

    private string LockFileHash() => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(Path.Combine(directory, "package-lock.json"))));
}
