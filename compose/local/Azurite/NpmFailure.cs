
namespace TokenBroker.Local.Azurite;

/// <summary>Why `npm ci` failed, read from its output.</summary>
internal sealed record NpmFailure(int ExitCode, IReadOnlyList<string> Output)
{
    private static readonly string[] NetworkCodes =
        ["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENETUNREACH", "EHOSTUNREACH", "ERR_SOCKET_TIMEOUT", "ENOTCACHED", "EPROTO"];

    private static readonly string[] DiskCodes = ["ENOSPC", "EROFS", "EACCES", "EPERM"];

    public bool IsNetwork => CodeAmong(NetworkCodes) is not null;

    public LocalEnvironmentException ToException()
    {
        if (CodeAmong(NetworkCodes) is { } network)
        {
            return new LocalEnvironmentException(
                $"npm could not connect to its package registry ({network}) to install the storage emulator Azurite: " +
                "connect to the network, or check the proxy and the registry that `npm config list` shows, and run this again.");
        }

        if (CodeAmong(DiskCodes) is { } disk)
            return new LocalEnvironmentException($"npm could not write Azurite's packages ({disk}): free some space or make compose/azurite writable, and run this again.");

        return new LocalEnvironmentException($"`npm ci` in compose/azurite failed with exit code {ExitCode} ({FirstError()}): run it there yourself to see more.");
    }

    private string? CodeAmong(string[] codes) =>
        codes.FirstOrDefault(code => Output.Any(line => line.Contains(code, StringComparison.Ordinal)));

    private string FirstError() =>
        Output.FirstOrDefault(line => line.Contains("error", StringComparison.OrdinalIgnoreCase) || line.Contains("ERR!", StringComparison.Ordinal)) ?? "it gave no reason";
}
