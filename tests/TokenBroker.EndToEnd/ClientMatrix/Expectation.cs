namespace TokenBroker.EndToEnd.ClientMatrix;

/// <summary>What a client's code is to see of an operation through the sidecar, beside what it sees of storage directly.</summary>
internal abstract record Expectation
{
    /// <summary>The same success as directly, to the byte.</summary>
    public static readonly Expectation Same = new Equal();

    /// <summary>The client has no such operation: there is nothing to test.</summary>
    public static readonly Expectation NotOffered = new Absent();

    internal sealed record Equal : Expectation;

    internal sealed record Absent : Expectation;
}

/// <summary>The client itself refuses, with these words in its error, whatever it talks to.</summary>
internal sealed record ClientRefuses(string Words) : Expectation;

/// <summary>The client asks storage for another blob than it was told: the one that is listed then.</summary>
internal sealed record ClientAlters(string Listed) : Expectation;

/// <summary>Azurite has no such operation, and says so on either way.</summary>
internal sealed record AzuriteLacks(int Status, string Code) : Expectation;

/// <summary>Azurite, unlike storage, keeps it from all bearer tokens: the direct way, with its key, succeeds.</summary>
internal sealed record AzuriteKeepsFromBearers(int Status, string Code) : Expectation
{
    /// <summary>For a client that shows neither: what it says instead.</summary>
    public AzuriteKeepsFromBearers(string words)
        : this(0, "") => Words = words;

    public string? Words { get; }
}

/// <summary>The sidecar refuses. 403 may be the direct answer too: a key is no bearer.</summary>
internal sealed record SidecarRefuses(int Status, string Code, string Reason) : Expectation;

/// <summary>It succeeds with this result, where the direct way to Azurite fails for a reason of its own.</summary>
/// <param name="Result">The result as JSON, without <c>ok</c>.</param>
/// <param name="Why">Why the direct way fails.</param>
internal sealed record SucceedsAlone(string Result, string Why) : Expectation;
