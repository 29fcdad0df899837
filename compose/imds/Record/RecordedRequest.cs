using System.Text.Json.Serialization;
using TokenBroker.Imds.Faults;
using TokenBroker.Imds.Identities;

namespace TokenBroker.Imds.Record;

/// <summary>How a request ended.</summary>
[JsonConverter(typeof(KebabCaseEnum<RequestOutcome>))]
public enum RequestOutcome
{
    /// <summary>Not yet answered: held by a fault.</summary>
    Pending,

    /// <summary>A complete HTTP answer was written, with whatever status and body.</summary>
    Answered,

    /// <summary>The connection was reset on purpose, before any byte.</summary>
    Reset,

    /// <summary>The connection was closed on purpose within the body.</summary>
    Cut,

    /// <summary>The client closed the connection first, or the emulator stopped.</summary>
    Abandoned,
}

/// <summary>One request as it arrived and as it was answered: a snapshot.</summary>
public sealed record RecordedRequest
{
    /// <summary>Counts up from 1 in the order of arrival.</summary>
    public required int Number { get; init; }

    /// <summary>Arrival, by the emulator's clock.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>When the answer was ready, just before its first byte. Null while pending.</summary>
    public DateTimeOffset? AnsweredAt { get; init; }

    /// <summary>Requests being answered at arrival, this one included.</summary>
    public required int Concurrency { get; init; }

    /// <summary>As sent.</summary>
    public required string Method { get; init; }

    /// <summary>The request target as sent, byte for byte, query included.</summary>
    public required string Target { get; init; }

    /// <summary>As received; several values of one name are joined by a comma.</summary>
    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    /// <summary>The query parameter <c>resource</c>, decoded.</summary>
    public string? Resource { get; init; }

    /// <summary>How an identity was chosen; null when none was.</summary>
    public IdentitySelector? Selector { get; init; }

    /// <summary>The name of the identity that was meant; null when the request was refused before that was known.</summary>
    public string? Identity { get; init; }

    /// <summary>How it ended.</summary>
    public RequestOutcome Outcome { get; init; }

    /// <summary>The status that was answered; null if the request got no answer.</summary>
    public int? Status { get; init; }

    /// <summary>The <c>error</c> of the answer's body.</summary>
    public string? Error { get; init; }

    /// <summary>Retry-After as sent.</summary>
    public string? RetryAfter { get; init; }

    /// <summary>The <see cref="InjectedFault.Id"/> of the fault that it met.</summary>
    public int? FaultId { get; init; }

    /// <summary>What kind of fault it met.</summary>
    public FaultKind? Fault { get; init; }

    /// <summary>The <see cref="IssuedToken.Id"/> of the token in the answer, also where a fault then spoiled the answer.</summary>
    public string? TokenId { get; init; }

    /// <summary>Its claim <c>iat</c>.</summary>
    public DateTimeOffset? TokenIssuedAt { get; init; }

    /// <summary>Its claim <c>exp</c>.</summary>
    public DateTimeOffset? TokenExpiresAt { get; init; }
}
