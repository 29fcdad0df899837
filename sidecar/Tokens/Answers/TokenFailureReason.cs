namespace TokenBroker.Tokens.Answers;

/// <summary>Why an attempt got no token. A fixed set, because it is a metric label; each member has one sentence.</summary>
internal enum TokenFailureReason
{
    NoIdentityOnHost,
    IdentityNotAssigned,
    Refused,
    Throttled,
    Updating,
    EndpointFailing,
    TimedOut,
    Unreachable,
    InvalidAnswer,
    NotSignedIn,
    DescriptorsExhausted,
    Pending,
    Stopping,
}
