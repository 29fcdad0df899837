using TokenBroker.Local;

namespace TokenBroker.Client.Demo;

/// <summary>What a person needs to use the environment that `--keep` leaves running.</summary>
internal static class KeptEnvironment
{
    // Plain lines, because a table would wrap them and they could not be copied.
    public static void Describe(LocalEnvironment environment)
    {
        var children = environment.Children.Select(child => $"{child.Name} {child.ProcessId}");
        Console.WriteLine($"""

            Everything is still running. For a client of yours:
              connection string  {environment.ConnectionString}
              blob endpoint      {environment.ProxyEndpoint}
              admin              {environment.AdminEndpoint}
              processes          {string.Join(", ", children)}
            Try:
              curl {new Uri(environment.AdminEndpoint, "/health/ready")}
              curl -H "x-ms-version: 2021-12-02" "{environment.ProxyEndpoint}/?comp=list"
            Press Ctrl-C to stop.
            """);
    }
}
