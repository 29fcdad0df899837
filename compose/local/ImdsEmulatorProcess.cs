using System.Globalization;
using System.Text.RegularExpressions;
using TokenBroker.Local.Processes;

namespace TokenBroker.Local;

/// <summary>The running emulator of the instance metadata endpoint.</summary>
internal sealed partial class ImdsEmulatorProcess(ChildProcess child)
{
    public ChildProcess Child => child;

    /// <summary>Where tokens are asked for; set once it listens.</summary>
    public Uri MetadataEndpoint { get; private set; } = null!;

    /// <summary>The address of its control endpoint; set as soon as it listens.</summary>
    public Uri Control { get; private set; } = null!;

    public static ImdsEmulatorProcess Start(LocalEnvironmentOptions options, WorkingDirectory directory)
    {
        List<string> arguments = ["--listen", "http://127.0.0.1:0", "--control", "http://127.0.0.1:0", "--exit-with-stdin"];
        if (options.TokenLifetime is { } lifetime)
            arguments.AddRange(["--token-lifetime", string.Create(CultureInfo.InvariantCulture, $"{lifetime.TotalSeconds:0}s")]);
        arguments.AddRange(options.ImdsEmulatorArguments);

        var startInfo = ChildStart.DotNet(RecordedPaths.ImdsEmulator, arguments, directory.FullPath);
        return new ImdsEmulatorProcess(ChildProcess.Start("The metadata emulator", startInfo, options));
    }

    public async Task WaitUntilListeningAsync(CancellationToken cancellationToken)
    {
        MetadataEndpoint = await child.ReadAddressAsync(ListeningPattern(), cancellationToken).ConfigureAwait(false);
        Control = await child.ReadAddressAsync(ControlPattern(), cancellationToken).ConfigureAwait(false);
    }

    [GeneratedRegex(@"imds-emulator listening on (http://[^\s,;]+)")]
    private static partial Regex ListeningPattern();

    [GeneratedRegex(@"imds-emulator control on (http://[^\s,;]+)")]
    private static partial Regex ControlPattern();
}
