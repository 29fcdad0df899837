using TokenBroker.TestSupport.Processes;
using TokenBroker.TestSupport.Requirements;

namespace TokenBroker.EndToEnd.Limits;

/// <summary>A control group of Linux that gives its processes so much memory and no swap, as a container does. Gone with the test.</summary>
internal sealed class MemoryGroup : IDisposable
{
    private readonly MemoryGroupDirectory _directory;

    public MemoryGroup(long bytes) => _directory = MemoryGroupDirectory.Create(bytes);

    /// <summary>Starts a program in the group. It keeps the process's id.</summary>
    public ProcessSpec Within(ProcessSpec spec) => spec with
    {
        File = "sh",
        Arguments = ["-c", $"echo $$ > {_directory.Path}/cgroup.procs && exec \"$0\" \"$@\"", spec.File, .. spec.Arguments],
    };

    public void Dispose() => _directory.Delete();
}
