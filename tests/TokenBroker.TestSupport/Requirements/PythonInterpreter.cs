using System.Collections.Concurrent;
using TokenBroker.TestSupport.Processes;

namespace TokenBroker.TestSupport.Requirements;

/// <summary>The one Python that tests use, and what it can import.</summary>
public static class PythonInterpreter
{
    private const string SystemPython = "/usr/bin/python3";

    // Import name → Debian package and PyPI package. Anything else is named as it is imported.
    private static readonly Dictionary<string, (string Apt, string Pip)> Packages = new()
    {
        ["django"] = ("python3-django", "Django"),
        ["PIL"] = ("python3-pil", "Pillow"),
        ["azure.storage.blob"] = ("python3-azure", "azure-storage-blob"),
        ["osgeo.gdal"] = ("python3-gdal", "GDAL"),
        ["libcloud"] = ("python3-libcloud", "apache-libcloud"),
        ["msrestazure"] = ("python3-msrestazure", "msrestazure"),
    };

    private static readonly Lazy<string?> Found = new(Find);
    private static readonly ConcurrentDictionary<string, Lazy<string?>> Answers = new();

    /// <summary>The interpreter. Ask only where <see cref="Capability.Python"/> is required.</summary>
    public static string File => Found.Value ?? throw new InvalidOperationException("No Python here: the test lacks [Requires(Capability.Python)].");

    /// <summary>Null if the interpreter imports every module, else what is missing and the command that installs it.</summary>
    internal static string? Missing(IReadOnlyCollection<string> modules) =>
        Answers.GetOrAdd(string.Join(' ', modules), _ => new Lazy<string?>(() => Probe(modules))).Value;

    // The system's own interpreter first: it is the one that sees the distribution's packages, while the
    // `python3` on the PATH of a developer is often a version manager's and sees none of them.
    private static string? Find()
    {
        string?[] candidates = [System.IO.File.Exists(SystemPython) ? SystemPython : null, Executable.Find("python3"), Executable.Find("python")];
        // Windows has a `python` that only opens a shop window: hence it must run and say that it is Python 3.
        return candidates.OfType<string>().FirstOrDefault(candidate =>
            ProbeRun.Ask(candidate, "-c", "import sys; sys.exit(sys.version_info[0] != 3)") is { ExitCode: 0 });
    }

    private static string? Probe(IReadOnlyCollection<string> modules)
    {
        if (Found.Value is not { } interpreter)
            return $"Needs Python 3: {new Cure(Apt: "python3", Brew: "python", Winget: "Python.Python.3.13")}.";
        var absent = modules.Where(module => ProbeRun.Ask(interpreter, "-c", $"import {module}") is not { ExitCode: 0 }).ToList();
        if (absent.Count == 0)
            return null;
        var pip = $"{interpreter} -m pip install {string.Join(' ', absent.Select(m => Packages.TryGetValue(m, out var p) ? p.Pip : m))}";
        // Debian's interpreter refuses pip ("externally managed"): there the modules come from packages, where they exist.
        var packaged = interpreter == SystemPython && OperatingSystem.IsLinux() && absent.All(Packages.ContainsKey);
        var cure = packaged ? new Cure(Apt: string.Join(' ', absent.Select(m => Packages[m].Apt))).ToString() : pip;
        return $"Needs the Python modules {string.Join(", ", absent)}, which {interpreter} cannot import: {cure}.";
    }
}
