using System.Diagnostics;

namespace TokenBroker.Local.Azurite;

/// <summary>One run of `npm ci`, with progress messages, and one sentence if it fails.</summary>
internal sealed class NpmInstall(string npmPath, NodeInstallation node, string directory)
{
    private static readonly TimeSpan SignOfLife = TimeSpan.FromSeconds(5);

    private static readonly string[] ProxyVariables = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"];

    private static readonly string[] Arguments =
    [
        // Exactly what the lock file says; no scripts of packages: nothing that Azurite needs is compiled.
        "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--no-progress",
        // npm waits more than a minute for a dead network; a user needs the error sooner.
        "--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=3000",
    ];

    /// <summary>Whether optional packages are installed as well.</summary>
    public bool IncludesOptional { get; init; }

    public async Task RunAsync(IProgress<string>? progress, CancellationToken cancellationToken)
    {
        progress?.Report("Installing the storage emulator Azurite with `npm ci` (once, about 190 MB)");
        var failure = await RunOnceAsync(withProxy: true, progress, cancellationToken).ConfigureAwait(false);
        if (failure is { IsNetwork: true } && HasProxyVariables())
        {
            progress?.Report("npm could not connect through the web proxy that the environment names: trying without it");
            failure = await RunOnceAsync(withProxy: false, progress, cancellationToken).ConfigureAwait(false);
        }

        if (failure is not null)
            throw failure.ToException();
    }

    private async Task<NpmFailure?> RunOnceAsync(bool withProxy, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        using var process = Process.Start(StartInfo(withProxy))!;
        process.StandardInput.Close();
        var started = TimeProvider.System.GetTimestamp();
        var lines = Task.WhenAll(ReadAsync(process.StandardOutput, progress), ReadAsync(process.StandardError, progress));
        try
        {
            while (!await EndsWithinAsync(process, SignOfLife, cancellationToken).ConfigureAwait(false))
                progress?.Report($"Installing Azurite: {TimeProvider.System.GetElapsedTime(started).TotalSeconds:0} s");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        var output = (await lines.ConfigureAwait(false)).SelectMany(read => read).ToArray();
        return process.ExitCode == 0 ? null : new NpmFailure(process.ExitCode, output);
    }

    private ProcessStartInfo StartInfo(bool withProxy)
    {
        var startInfo = new ProcessStartInfo(npmPath, [.. Arguments, IncludesOptional ? "--include=optional" : "--omit=optional"])
        {
            WorkingDirectory = directory,
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // npm is a script that looks for node on the PATH. A company's own certificate authority is still used.
        startInfo.Environment["PATH"] = Path.GetDirectoryName(node.NodePath) + Path.PathSeparator + node.SearchPath;
        startInfo.Environment.Remove("NODE_OPTIONS");
        startInfo.Environment.Remove("NODE_ENV");
        if (!withProxy)
        {
            foreach (var name in startInfo.Environment.Keys.Where(IsProxyVariable).ToArray())
                startInfo.Environment.Remove(name);
        }

        return startInfo;
    }

    private static async Task<bool> EndsWithinAsync(Process process, TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            await process.WaitForExitAsync(cancellationToken).WaitAsync(limit, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private static async Task<List<string>> ReadAsync(StreamReader reader, IProgress<string>? progress)
    {
        var lines = new List<string>();
        while (await reader.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            lines.Add(line);
            // Package warnings do not help a user of the demo.
            if (line.Length > 0 && !line.Contains("warn", StringComparison.OrdinalIgnoreCase))
                progress?.Report($"npm: {line}");
        }

        return lines;
    }

    private static bool HasProxyVariables() => Environment.GetEnvironmentVariables().Keys.Cast<string>().Any(IsProxyVariable);

    private static bool IsProxyVariable(string name) => ProxyVariables.Contains(name, StringComparer.OrdinalIgnoreCase);
}
