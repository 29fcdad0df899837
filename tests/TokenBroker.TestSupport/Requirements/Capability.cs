namespace TokenBroker.TestSupport.Requirements;

/// <summary>What a test may need from the machine beyond the .NET SDK. Each has one row in <see cref="CapabilityProbes"/>.</summary>
public enum Capability
{
    /// <summary>Node.js 18 or newer: Azurite needs it.</summary>
    Node,

    /// <summary>npm, which Debian packages apart from Node.js.</summary>
    Npm,

    /// <summary>A Python 3 that runs; see <see cref="RequiresAttribute.PythonModules"/> for what it must be able to import.</summary>
    Python,

    Curl,

    OpenSsl,

    /// <summary>The Azure CLI, <c>az</c>.</summary>
    AzureCli,

    Rclone,

    Duplicity,

    /// <summary>Ruby with the library azure-storage-blob, which is really loaded.</summary>
    RubyBlobLibrary,

    /// <summary>Java 17 or newer, which runs single source files.</summary>
    Java,

    /// <summary>The programs of a PostgreSQL server; it need not run.</summary>
    PostgreSql,

    PgBackRest,

    /// <summary>barman's commands for storage services, and the Python library that they need for Azure.</summary>
    BarmanCloud,

    Restic,

    Prometheus,

    /// <summary>systemd's own tools; the service manager itself need not run.</summary>
    Systemd,

    /// <summary>The browser, as <c>chromium</c>.</summary>
    Chromium,

    Linux,

    /// <summary>The right to administer this machine.</summary>
    Root,

    /// <summary>Linux network namespaces: one is really created and deleted again, which needs root.</summary>
    NetworkNamespaces,

    /// <summary>Linux mount namespaces: one is really entered, which needs root.</summary>
    MountNamespaces,

    /// <summary>Linux control groups with a memory limit: one is really created and removed again, which needs root.</summary>
    MemoryGroups,
}
