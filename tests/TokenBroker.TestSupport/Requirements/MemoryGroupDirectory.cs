using System.Globalization;

namespace TokenBroker.TestSupport.Requirements;

/// <summary>The directory of a memory control group, by version 2 of the interface or by version 1.</summary>
public sealed class MemoryGroupDirectory
{
    private const string Version1 = "/sys/fs/cgroup/memory";
    private const string Version2 = "/sys/fs/cgroup";

    private MemoryGroupDirectory(string path) => Path = path;

    public string Path { get; }

    /// <exception cref="IOException">The system has no memory controller here, or it is not for this process.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not.</exception>
    public static MemoryGroupDirectory Create(long bytes)
    {
        var isVersion1 = File.Exists($"{Version1}/memory.limit_in_bytes");
        var group = new MemoryGroupDirectory($"{(isVersion1 ? Version1 : Version2)}/tokenbroker-{Guid.NewGuid():N}");
        Directory.CreateDirectory(group.Path);
        try
        {
            var limit = bytes.ToString(CultureInfo.InvariantCulture);
            if (isVersion1)
            {
                group.Write("memory.limit_in_bytes", limit);
                group.Write("memory.swappiness", "0");
            }
            else
            {
                group.Write("memory.max", limit);
                if (File.Exists($"{group.Path}/memory.swap.max"))
                    group.Write("memory.swap.max", "0");
            }

            return group;
        }
        catch
        {
            group.Delete();
            throw;
        }
    }

    /// <summary>The kernel removes an empty group only; the test's processes have ended by then or end now.</summary>
    public void Delete()
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                Directory.Delete(Path);
                return;
            }
            catch (IOException) when (tries < 500)
            {
                Thread.Sleep(10); // its last process is still ending
            }
        }
    }

    private void Write(string file, string value) => File.WriteAllText($"{Path}/{file}", value);
}
