using TokenBroker.EndToEnd.RealAddress;
using TokenBroker.TestSupport.Processes;

namespace TokenBroker.EndToEnd.HostsEntry;

/// <summary>The hosts file that some programs of a test see, each in mounts of its own: nothing of this machine is changed.</summary>
/// <param name="Path">Where it lies.</param>
internal sealed record HostsFile(string Path)
{
    /// <summary>Seen at once by those that run: it stays the same file.</summary>
    /// <param name="lines">As in /etc/hosts: an address and its names. <c>localhost</c> is there without being said.</param>
    public Task WriteAsync(params IReadOnlyList<string> lines) => File.WriteAllLinesAsync(Path, ["127.0.0.1 localhost", .. lines]);

    /// <summary>The same program with this hosts file.</summary>
    public ProcessSpec Within(ProcessSpec spec) => spec.Seeing(Path, inPlaceOf: "/etc/hosts");
}
