using System.Text.Json.Serialization;

namespace TokenBroker.Imds.Faults;

/// <summary>What goes wrong. In JSON and on the wire of the control endpoint: kebab-case.</summary>
[JsonConverter(typeof(KebabCaseEnum<FaultKind>))]
public enum FaultKind
{
    /// <summary>An error status, with or without Retry-After.</summary>
    Status,

    /// <summary>The usual answer, later.</summary>
    Delay,

    /// <summary>Accepted and held: no byte until the fault is cleared or ends, then the usual answer.</summary>
    Hang,

    /// <summary>The connection is reset (RST) before any byte of an answer.</summary>
    Reset,

    /// <summary>200 with a page that is not JSON, like that of a captive portal.</summary>
    Garbage,

    /// <summary>200 and a complete HTTP body whose JSON stops in the middle of the token.</summary>
    TruncatedJson,

    /// <summary>200 and a Content-Length of which half arrives; then the connection is closed.</summary>
    CutBody,

    /// <summary>200 with an empty <c>access_token</c>.</summary>
    EmptyToken,

    /// <summary>200 with a token that expired a minute ago.</summary>
    ExpiredToken,

    /// <summary>200 with the last token again, however little of its lifetime is left.</summary>
    SameToken,

    /// <summary>200 with a new token whose times, and the answer's, come from a wrong clock.</summary>
    ClockSkew,

    /// <summary>200 with the usual token, whose expiry is written in another form.</summary>
    Expiry,
}
