using System.Text;

namespace TokenBroker.TestSupport.Storage;

/// <summary>A request as it came over the wire. Recorded when its head is there; what it says of the body is final once <see cref="Done"/> ends.</summary>
public sealed class RecordedRequest
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal RecordedRequest(string method, string rawTarget, byte[] head, IReadOnlyList<KeyValuePair<string, string>> headers) =>
        (Method, RawTarget, Head, Headers) = (method, rawTarget, head, headers);

    public string Method { get; }

    /// <summary>The request target byte for byte, one character per byte.</summary>
    public string RawTarget { get; }

    /// <summary>Request line and headers byte for byte, up to and with the empty line.</summary>
    public byte[] Head { get; }

    /// <summary>The header lines byte for byte, each with its line end, without the empty line behind them.</summary>
    public ReadOnlySpan<byte> RawHeaders => Head.AsSpan(Head.AsSpan().IndexOf((byte)'\n') + 1)[..^2];

    /// <summary>Headers with their names and in their order as sent; values as Latin-1, so one character per byte.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; }

    /// <summary>The bearer token that came with it, or null.</summary>
    public string? Bearer => BearerIn("Authorization");

    /// <summary>The bearer token that came with it for the source of a copy, or null.</summary>
    public string? SourceBearer => BearerIn("x-ms-copy-source-authorization");

    /// <summary>The account it was for, by name.</summary>
    public string Account { get; internal set; } = "";

    /// <summary>The account that the source of a copy was found to be in; empty if there was no source, or none that could be.</summary>
    public string SourceAccount { get; internal set; } = "";

    /// <summary>How many bytes of body were read.</summary>
    public long BodyLength { get; internal set; }

    /// <summary>SHA-256 of the body in hexadecimal; empty if it was not read to its end.</summary>
    public string BodySha256 { get; internal set; } = "";

    /// <summary>The body, if it is no larger than 64 KiB (4 MiB for a batch); else empty.</summary>
    public byte[] Body { get; internal set; } = [];

    /// <summary>The requests in a batch, if it could be read, each with its own head and token; their bodies are empty.</summary>
    public IReadOnlyList<RecordedRequest> Parts { get; internal set; } = [];

    /// <summary>How many bytes of a blob were sent in answer, so far.</summary>
    public long SentLength { get; internal set; }

    /// <summary>The client, or a planned fault, broke off before the answer was complete.</summary>
    public bool Aborted { get; internal set; }

    /// <summary>The status that was answered; 0 if none was.</summary>
    public int Status { get; internal set; }

    /// <summary>Ends when the answer was written or the connection broken.</summary>
    public Task Done => _done.Task;

    /// <summary>The values of a header, joined by commas; null if it was not sent.</summary>
    public string? Header(string name)
    {
        var values = Headers.Where(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value).ToList();
        return values.Count == 0 ? null : string.Join(",", values);
    }

    /// <summary>The value bytes of a header that was sent once, without the blanks around them; empty if it was not sent.</summary>
    /// <exception cref="InvalidOperationException">It was sent more than once.</exception>
    public byte[] HeaderBytes(string name) =>
        Encoding.Latin1.GetBytes(Headers.SingleOrDefault(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value ?? "");

    // No headers: a failed assertion must not print a token into a test log.
    public override string ToString() => $"{Method} {RawTarget.Split('?')[0]} → {Status}";

    private string? BearerIn(string header) =>
        Header(header) is { } value && value.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? value["Bearer ".Length..] : null;

    internal void Finish() => _done.TrySetResult();
}
