namespace TokenBroker.TestSupport.Processes;

/// <summary>
/// Takes out of a child's environment what would quietly change what it does: variables that divert credentials,
/// web proxies, and settings of our own and of ASP.NET. A test that wants one sets it.
/// </summary>
public static class CleanEnvironment
{
    private static readonly string[] Prefixes =
        ["AZURE_", "IDENTITY_", "MSI_", "IMDS_", "ASPNETCORE_", "KESTREL__", "TOKENBROKER_", "OTEL_", "DJANGO_", "RCLONE_"];

    private static readonly string[] Names = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "PYTHONPATH", "PYTHONHOME"];

    public static bool Removes(string variable) =>
        Prefixes.Any(prefix => variable.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
        || Names.Contains(variable, StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// The same for a test process itself, for its own clients: .NET reads the web proxy once, at the first request. What
    /// tells the tests how to run stays.
    /// </summary>
    public static void CleanThisProcess()
    {
        foreach (var variable in Environment.GetEnvironmentVariables().Keys.Cast<string>().Where(Removes).Where(name => !IsSwitchOfTests(name)).ToList())
            Environment.SetEnvironmentVariable(variable, null);
    }

    private static bool IsSwitchOfTests(string variable) =>
        variable.StartsWith("TOKENBROKER_", StringComparison.Ordinal) && !variable.StartsWith("TOKENBROKER__", StringComparison.Ordinal);

    public static void Clean(IDictionary<string, string?> environment)
    {
        foreach (var variable in environment.Keys.Where(Removes).ToList())
            environment.Remove(variable);
    }
}
