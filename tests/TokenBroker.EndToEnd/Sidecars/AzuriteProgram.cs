using TokenBroker.Local.Azurite;
using TokenBroker.TestSupport.Network;
using TokenBroker.TestSupport.Processes;

namespace TokenBroker.EndToEnd.Sidecars;

/// <summary>Azurite as a program of its own, for tests that start it in a network of theirs.</summary>
internal static class AzuriteProgram
{
    /// <summary>What its output says once it listens; the group is its address and port.</summary>
    public const string Listening = @"successfully listens on https://(\S+)";

    /// <param name="node">The Node.js that runs it.</param>
    /// <param name="files">Its certificate.</param>
    /// <param name="account">The account's name and key, with a colon between them.</param>
    /// <param name="directory">Where it may write.</param>
    public static ProcessSpec Spec(NodeInstallation node, CertificateFiles files, string account, string directory) => new(
        node.NodePath, AzuritePackages.StartScript, "--exit-with-stdin", "--blobHost", "127.0.0.1", "--blobPort", "0",
        "--cert", files.Server, "--key", files.ServerKey, "--oauth", "basic", "--skipApiVersionCheck", "--inMemoryPersistence", "--disableTelemetry", "--silent")
    {
        WorkingDirectory = directory,
        Environment = new Dictionary<string, string?> { ["AZURITE_ACCOUNTS"] = account },
    };
}
