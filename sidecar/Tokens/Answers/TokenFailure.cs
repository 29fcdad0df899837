namespace TokenBroker.Tokens.Answers;

/// <summary>One failed attempt.</summary>
/// <param name="Reason">What kind of failure it was.</param>
/// <param name="Detail">What the endpoint said, reduced to codes: never a body, which might hold a token.</param>
/// <param name="RetryAfter">The wait that the endpoint asked for.</param>
internal sealed record TokenFailure(TokenFailureReason Reason, string? Detail = null, TimeSpan? RetryAfter = null)
{
    /// <summary>
    /// The endpoint's documentation says that it is back within <c>RefreshSchedule.MaxUpdateTime</c>: true for a
    /// 410, not for a 404.
    /// </summary>
    public bool IsBackSoon { get; init; }

    /// <summary>Only a change of the host's or the identity's setup helps.</summary>
    public bool NeedsSetup =>
        Reason is TokenFailureReason.IdentityNotAssigned or TokenFailureReason.Refused or TokenFailureReason.NotSignedIn;

    /// <summary>The failure is normal while a host starts, or shortly after an identity was assigned.</summary>
    public bool MayBeStartup => RetryAfter is null && !IsBackSoon && (NeedsSetup
        || Reason is TokenFailureReason.NoIdentityOnHost or TokenFailureReason.Unreachable or TokenFailureReason.Updating);

    /// <summary>The reason in the form of labels and headers.</summary>
    public string Code => CodeOf(Reason);

    /// <summary>What is wrong and what to do.</summary>
    public string Sentence => SentenceOf(Reason);

    public static string CodeOf(TokenFailureReason reason) => reason switch
    {
        TokenFailureReason.NoIdentityOnHost => "no-identity-on-host",
        TokenFailureReason.IdentityNotAssigned => "identity-not-assigned",
        TokenFailureReason.Refused => "refused",
        TokenFailureReason.Throttled => "throttled",
        TokenFailureReason.Updating => "updating",
        TokenFailureReason.EndpointFailing => "endpoint-failing",
        TokenFailureReason.TimedOut => "timed-out",
        TokenFailureReason.Unreachable => "unreachable",
        TokenFailureReason.InvalidAnswer => "invalid-answer",
        TokenFailureReason.NotSignedIn => "not-signed-in",
        TokenFailureReason.DescriptorsExhausted => "descriptors-exhausted",
        TokenFailureReason.Pending => "pending",
        _ => "stopping",
    };

    public static string SentenceOf(TokenFailureReason reason) => reason switch
    {
        TokenFailureReason.NoIdentityOnHost =>
            "No metadata endpoint answers on this host. Run the sidecar on an Azure host that has a managed identity, or set --metadata-endpoint.",
        TokenFailureReason.IdentityNotAssigned =>
            "The host does not have the requested identity, or it has several and none was named. Assign the identity to this host, or name one with --identity.",
        TokenFailureReason.Refused =>
            "The identity endpoint refused the request and would refuse it again. Check --identity and the identity's setup on this host.",
        TokenFailureReason.Throttled =>
            "The identity endpoint is throttling this host. The sidecar retries automatically; look for other processes that request tokens too often.",
        TokenFailureReason.Updating =>
            "The identity endpoint is being updated, or its address has no token endpoint. The sidecar retries automatically; an update takes at most 70 seconds.",
        TokenFailureReason.EndpointFailing =>
            "The identity endpoint answered with a server error. The sidecar retries automatically.",
        TokenFailureReason.TimedOut =>
            "The identity endpoint did not answer in time. The sidecar retries automatically.",
        TokenFailureReason.Unreachable =>
            "The connection to the identity endpoint failed. The sidecar retries automatically; if this continues, check firewalls and proxies on this host.",
        TokenFailureReason.InvalidAnswer =>
            "The identity endpoint's answer is not a usable token. Check this host's clock, and check that no other program answers at the endpoint's address.",
        TokenFailureReason.NotSignedIn =>
            "The Azure CLI gave no token. Install it where the sidecar can find it, and run 'az login' as the sidecar's user.",
        TokenFailureReason.DescriptorsExhausted =>
            "This process or its host has no free file descriptor for a connection to the identity endpoint. Raise the limit of open files with LimitNOFILE= or ulimit -n.",
        TokenFailureReason.Pending => "The sidecar is still waiting for a token. Try again.",
        _ => "The sidecar is shutting down and does not request tokens any more. Try again after it has restarted.",
    };
}
