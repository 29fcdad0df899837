using TokenBroker.TestSupport.Processes;

namespace TokenBroker.EndToEnd.Sidecars;

/// <summary>How a test starts the sidecar.</summary>
internal sealed record SidecarSettings
{
    /// <summary>Accounts with their endpoints.</summary>
    public required IReadOnlyList<(string Name, Uri Endpoint)> Accounts { get; init; }

    /// <summary>Where clients connect.</summary>
    public string Listen { get; init; } = "http://127.0.0.1:0";

    public string Admin { get; init; } = "http://127.0.0.1:0";

    /// <summary>What storage's certificates come from, as a PEM file; null where none is needed.</summary>
    public string? UpstreamCa { get; init; }

    /// <summary>Null leaves the token source to the environment's variables.</summary>
    public Uri? MetadataEndpoint { get; init; }

    /// <summary>Further arguments.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Further variables.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public string? WorkingDirectory { get; init; }

    /// <summary>Puts something in front of the program, such as a limit. The process must keep its id.</summary>
    public Func<ProcessSpec, ProcessSpec>? Wrap { get; init; }

    public IReadOnlyList<string> ToArguments()
    {
        List<string> arguments = ["--listen", Listen, "--admin", Admin, "--exit-with-stdin"];
        foreach (var (name, endpoint) in Accounts)
            arguments.AddRange(["--account", $"{name}={endpoint}"]);
        if (UpstreamCa is not null)
            arguments.AddRange(["--upstream-ca", UpstreamCa]);
        if (MetadataEndpoint is not null)
            arguments.AddRange(["--metadata-endpoint", MetadataEndpoint.GetLeftPart(UriPartial.Authority)]);
        return [.. arguments, .. Arguments];
    }
}
