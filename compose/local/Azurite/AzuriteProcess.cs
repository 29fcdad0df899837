using System.Security.Cryptography;
using System.Text.RegularExpressions;
using TokenBroker.Local.Processes;

namespace TokenBroker.Local.Azurite;

/// <summary>
/// The running storage emulator: blob service only, over TLS, in memory, with an account key that no client gets.
/// </summary>
internal sealed partial class AzuriteProcess(ChildProcess child, string accountKey, string? debugLogFile)
{
    public ChildProcess Child => child;

    public string AccountKey => accountKey;

    public string? DebugLogFile => debugLogFile;

    /// <summary>Its address, without the account; set once it listens.</summary>
    public Uri Address { get; private set; } = null!;

    public static AzuriteProcess Start(LocalEnvironmentOptions options, NodeInstallation node, WorkingDirectory directory, ServerCertificate certificate)
    {
        var key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(64));
        var log = options.AzuriteDebugLog ? directory.PathOf("azurite-debug.log") : null;
        List<string> arguments =
        [
            AzuritePackages.StartScript, "--exit-with-stdin", "--blobHost", "127.0.0.1", "--blobPort", "0",
            "--cert", certificate.CertificateFile, "--key", certificate.KeyFile, "--oauth", "basic",
            // The SDKs are newer than Azurite and send a newer x-ms-version.
            "--skipApiVersionCheck", "--inMemoryPersistence", "--disableTelemetry", "--silent",
        ];
        if (log is not null)
            arguments.AddRange(["--debug", log]);

        // Azurite writes nothing to disk but needs a directory: the working directory of the process.
        var startInfo = ChildStart.Program(node.NodePath, arguments, directory.FullPath);
        // A copy source with a SAS: Azurite fetches it by an HTTP request to itself.
        startInfo.Environment["NODE_EXTRA_CA_CERTS"] = certificate.AuthorityFile;
        startInfo.Environment["AZURITE_ACCOUNTS"] = $"{options.AccountName}:{key}";
        return new AzuriteProcess(ChildProcess.Start("Azurite", startInfo, options), key, log);
    }

    public async Task WaitUntilListeningAsync(CancellationToken cancellationToken) =>
        Address = await child.ReadAddressAsync(ListeningPattern(), cancellationToken).ConfigureAwait(false);

    [GeneratedRegex(@"successfully listens on (https://\S+)")]
    private static partial Regex ListeningPattern();
}
