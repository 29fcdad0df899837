namespace TokenBroker.Local;

/// <summary>
/// The Azure Arc agent. If its service is installed, Azure.Identity gets every managed identity token from it, and no
/// variable switches this off. So direct access cannot use the emulator there.
/// </summary>
public static class AzureArc
{
    private static string AgentPath => OperatingSystem.IsWindows()
        ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "AzureConnectedMachineAgent", "himds.exe")
        : "/opt/azcmagent/bin/himds";

    /// <summary>Throws when the agent is installed on this machine.</summary>
    /// <exception cref="LocalEnvironmentException">It is: credentials cannot be pointed at the emulator here.</exception>
    public static void ThrowIfInstalled() => ThrowIfInstalled(AgentPath);

    internal static void ThrowIfInstalled(string agentPath)
    {
        if (File.Exists(agentPath))
        {
            throw new LocalEnvironmentException(
                $"The Azure Arc agent is installed here ({agentPath}), so Azure.Identity takes tokens only from it: " +
                "run this on a machine, or in a container, without the agent.");
        }
    }
}
