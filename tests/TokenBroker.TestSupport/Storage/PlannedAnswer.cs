namespace TokenBroker.TestSupport.Storage;

/// <summary>What a test wants to happen to a request, before storage looks at it. Without a status, storage then serves it as ever.</summary>
public sealed record PlannedAnswer
{
    /// <summary>Answer with this status; null serves the request.</summary>
    public int? Status { get; init; }

    /// <summary>An error code: the answer is then an error in storage's own form, with <see cref="Message"/>.</summary>
    public string? Code { get; init; }

    public string Message { get; init; } = "Planned by the test.";

    /// <summary>Goes into <c>AuthenticationErrorDetail</c>.</summary>
    public string? Detail { get; init; }

    /// <summary>Stand in the answer whatever else does, and win over storage's own.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>The body of an answer without <see cref="Code"/>.</summary>
    public byte[] Body { get; init; } = [];

    /// <summary>Nothing is answered before this task ends.</summary>
    public Task Until { get; init; } = Task.CompletedTask;

    /// <summary>Nothing is answered before this time has passed, where the time itself is what is tested.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>False answers before a byte of the body was read, as storage does when it refuses early.</summary>
    public bool ReadsBody { get; init; } = true;

    /// <summary>
    /// True closes the connection right behind the answer, whatever the client is still sending: with <see cref="ReadsBody"/>
    /// false, the system then resets it, and who looks at the answer only after sending everything never sees it.
    /// </summary>
    public bool ClosesBehind { get; init; }

    /// <summary>Breaks the connection once so many bytes of the request's body were read; 0 is before its headers are answered.</summary>
    public long? ResetAfterRequestBytes { get; init; }

    /// <summary>Breaks the connection once so many bytes of the answer's body were sent; 0 is right after its headers.</summary>
    public long? ResetAfterResponseBytes { get; init; }

    /// <summary>A break is not a reset (RST) but an orderly end (FIN), as of a peer that shuts down in the middle of its work.</summary>
    public bool Closes { get; init; }

    /// <summary>An error in storage's own form.</summary>
    public static PlannedAnswer Error(int status, string code) => new() { Status = status, Code = code };

    /// <summary>503 as storage says it is busy.</summary>
    public static PlannedAnswer Busy { get; } = Error(503, "ServerBusy");

    /// <summary>The connection is reset before anything is answered; the body is not read.</summary>
    public static PlannedAnswer Reset { get; } = new() { ResetAfterRequestBytes = 0 };

    /// <summary>The connection ends in order before anything is answered; the body is not read.</summary>
    public static PlannedAnswer Close { get; } = Reset with { Closes = true };

    /// <summary>Served as ever, but not before the task ends.</summary>
    public static PlannedAnswer Hold(Task until) => new() { Until = until };
}
