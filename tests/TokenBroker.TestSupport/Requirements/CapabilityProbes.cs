using System.Collections.Concurrent;
using TokenBroker.TestSupport.Processes;

namespace TokenBroker.TestSupport.Requirements;

/// <summary>One row per capability: the probe, and the cure that it names. Asked once per process.</summary>
internal static class CapabilityProbes
{
    private static readonly ConcurrentDictionary<Capability, Lazy<string?>> Answers = new();

    /// <summary>Null if it is there, else the sentence that says what is missing and what to do.</summary>
    public static string? Missing(Capability capability) =>
        Answers.GetOrAdd(capability, static c => new Lazy<string?>(() => Probe(c))).Value;

    private static string? Probe(Capability capability) => capability switch
    {
        Capability.Node => Node(),
        Capability.Npm => Runs("npm", "--version", new Cure(Apt: "npm", Brew: "node", Winget: "OpenJS.NodeJS.LTS")),
        Capability.Python => PythonInterpreter.Missing([]),
        Capability.Curl => Runs("curl", "--version", new Cure(Apt: "curl", Brew: "curl", Winget: "cURL.cURL")),
        Capability.OpenSsl => Runs("openssl", "version", new Cure(Apt: "openssl", Brew: "openssl", Winget: "ShiningLight.OpenSSL.Light")),
        // Its version would take a second longer, and the same modules.
        Capability.AzureCli => Runs("az", "--help", new Cure(Apt: "--no-install-recommends azure-cli", Brew: "azure-cli", Winget: "Microsoft.AzureCLI")),
        Capability.Rclone => Runs("rclone", "version", new Cure(Apt: "rclone", Brew: "rclone", Winget: "Rclone.Rclone")),
        Capability.Duplicity => Runs("duplicity", "--version", new Cure(Apt: "duplicity", Brew: "duplicity")),
        Capability.RubyBlobLibrary => RubyBlobLibrary(),
        Capability.Java => Java(),
        Capability.PostgreSql => PostgresInstallation.Missing(),
        Capability.PgBackRest => Runs("pgbackrest", "version", new Cure(Apt: "--no-install-recommends pgbackrest", Brew: "pgbackrest")),
        Capability.BarmanCloud => Runs("barman-cloud-backup", "--help", new Cure(Apt: "--no-install-recommends barman-cli-cloud python3-azure")),
        Capability.Restic => Runs("restic", "version", new Cure(Apt: "restic", Brew: "restic", Winget: "restic.restic")),
        Capability.Prometheus => Runs("prometheus", "--version", new Cure(Apt: "--no-install-recommends prometheus", Brew: "prometheus")),
        Capability.Systemd => Runs("systemd-analyze", "--version", new Cure(Apt: "systemd")),
        Capability.Chromium => Runs("chromium", "--version", new Cure(Apt: "--no-install-recommends chromium", Brew: "chromium")),
        Capability.Linux => OperatingSystem.IsLinux() ? null : "Needs Linux: run this test there, or in a container.",
        Capability.Root => Environment.IsPrivilegedProcess ? null : NeedsRoot,
        Capability.NetworkNamespaces => NetworkNamespaces(),
        Capability.MountNamespaces => MountNamespaces(),
        Capability.MemoryGroups => MemoryGroups(),
        _ => throw new ArgumentOutOfRangeException(nameof(capability), capability, "has no probe"),
    };

    private static string NeedsRoot => OperatingSystem.IsWindows()
        ? "Needs an administrator: run the tests from an elevated prompt."
        : "Needs root: run the tests with sudo.";

    private static string? Node()
    {
        var cure = new Cure(Apt: "nodejs", Brew: "node", Winget: "OpenJS.NodeJS.LTS");
        var answer = ProbeRun.Ask("node", "--version");
        if (answer is not { ExitCode: 0 })
            return $"Needs Node.js 18 or newer, and `node --version` does not run: {cure}.";
        var version = answer.Output.Trim().TrimStart('v');
        return int.TryParse(version.Split('.')[0], out var major) && major >= 18
            ? null
            : $"Needs Node.js 18 or newer, found {version}: {cure}.";
    }

    private static string? Java()
    {
        var cure = new Cure(Apt: "--no-install-recommends openjdk-17-jdk-headless", Brew: "openjdk", Winget: "Microsoft.OpenJDK.21");
        // A runtime alone has no compiler for source files.
        return ProbeRun.Ask("java", "--list-modules") is { ExitCode: 0 } modules && modules.Output.Contains("jdk.compiler@", StringComparison.Ordinal)
            && int.TryParse(modules.Output.Split("jdk.compiler@")[1].Split('.', '\n')[0], out var major) && major >= 17
            ? null
            : $"Needs a Java Development Kit, version 17 or newer: {cure}.";
    }

    internal static string? Runs(string command, string argument, Cure cure) =>
        ProbeRun.Ask(command, argument) is { ExitCode: 0 }
            ? null
            : $"Needs {command}, and `{command} {argument}` does not run: {cure}.";

    private static string? RubyBlobLibrary() =>
        ProbeRun.Ask("ruby", "-W0", "-e", "require 'tempfile'; require 'azure/storage/blob'") is { ExitCode: 0 }
            ? null
            : $"Needs Ruby with azure-storage-blob, which it cannot load: {new Cure(Apt: "ruby ruby-azure-storage-blob")}.";

    private static string? NetworkNamespaces()
    {
        if (!OperatingSystem.IsLinux())
            return "Needs Linux network namespaces: run this test on Linux as root, or in a privileged container.";
        if (Executable.Find("ip") is null)
            return $"Needs `ip`: {new Cure(Apt: "iproute2")}.";
        if (!Environment.IsPrivilegedProcess)
            return "Needs root to create a network namespace: run the tests with sudo.";
        // Only the kernel knows: root in a container often lacks the right.
        var name = $"tb-probe-{Guid.NewGuid():N}"[..15];
        var created = ProbeRun.Ask("ip", "netns", "add", name);
        if (created is not { ExitCode: 0 })
            return $"Needs the right to create a network namespace (`ip netns add`: {created?.Output.Trim()}): run on a host, or in a container with CAP_SYS_ADMIN.";
        ProbeRun.Ask("ip", "netns", "delete", name);
        return null;
    }

    private static string? MemoryGroups()
    {
        if (!OperatingSystem.IsLinux())
            return "Needs Linux control groups: run this test on Linux as root.";
        try
        {
            MemoryGroupDirectory.Create(64 * 1024 * 1024).Delete();
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"Needs the right to limit memory in a control group (/sys/fs/cgroup: {error.Message}): run as root on a host, or in a privileged container.";
        }
    }

    private static string? MountNamespaces()
    {
        if (!OperatingSystem.IsLinux())
            return "Needs Linux mount namespaces: run this test on Linux as root, or in a privileged container.";
        var entered = ProbeRun.Ask("unshare", "--mount", "--propagation", "private", "mount", "-t", "tmpfs", "none", "/var/opt");
        return entered is { ExitCode: 0 }
            ? null
            : $"Needs the right to mount in a mount namespace (`unshare --mount`: {entered?.Output.Trim()}): run as root, in a container with CAP_SYS_ADMIN.";
    }
}
