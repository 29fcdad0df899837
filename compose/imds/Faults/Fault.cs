using System.Text.Json.Serialization;
using TokenBroker.Imds.Endpoint;
using TokenBroker.Imds.Identities;

namespace TokenBroker.Imds.Faults;

/// <summary>
/// One fault to inject. It meets only requests that would have got a token (a refused request stays refused and uses
/// nothing up), for all identities or one, until cleared or for a count or for a time. A request meets the first active
/// fault that matches, in the order of injection.
/// </summary>
/// <example><c>emulator.Inject(Fault.Answer(429, retryAfter: TimeSpan.FromSeconds(5)) with { Count = 3 })</c></example>
public sealed record Fault
{
    // A timer can wait for 49.7 days.
    private static readonly TimeSpan MaxWait = TimeSpan.FromDays(40);

    /// <summary>What goes wrong.</summary>
    public required FaultKind Kind { get; init; }

    /// <summary>Name, client id, object id or resource id. Null: every identity.</summary>
    public string? Identity { get; init; }

    /// <summary>How many requests meet it. Null: no limit.</summary>
    public int? Count { get; init; }

    /// <summary>How long it is active from its injection. Null: until cleared. What it holds is released at its end.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Waited before the fault shows; required for <see cref="FaultKind.Delay"/>, allowed for every kind.</summary>
    public TimeSpan? Delay { get; init; }

    /// <summary>For <see cref="FaultKind.Status"/>: 400 to 599.</summary>
    public int? Status { get; init; }

    /// <summary>For <see cref="FaultKind.Status"/>: sent as Retry-After, in whole seconds rounded up. Null: not sent.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Sends Retry-After as an HTTP date (now + <see cref="RetryAfter"/>) instead of as seconds.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool RetryAfterAsDate { get; init; }

    /// <summary>For <see cref="FaultKind.Status"/>: the body's <c>error</c>. Null: the real service's for that status.</summary>
    public string? Error { get; init; }

    /// <summary>For <see cref="FaultKind.Status"/>: the body's <c>error_description</c>.</summary>
    public string? ErrorDescription { get; init; }

    /// <summary>For <see cref="FaultKind.ClockSkew"/>: how far the issuing clock is ahead; negative when it is behind.</summary>
    public TimeSpan? Skew { get; init; }

    /// <summary>
    /// For <see cref="FaultKind.Expiry"/>: the JSON value of <c>expires_on</c>, in which <c>{seconds}</c>, <c>{milliseconds}</c>,
    /// <c>{life}</c>, <c>{iso}</c> and <c>{american}</c> stand for the token's expiry. Null: the member is left out.
    /// </summary>
    public string? ExpiresOn { get; init; }

    /// <summary>For <see cref="FaultKind.Expiry"/>: the same for <c>expires_in</c>.</summary>
    public string? ExpiresIn { get; init; }

    /// <inheritdoc cref="FaultKind.Status"/>
    public static Fault Answer(int status, TimeSpan? retryAfter = null, bool asDate = false) =>
        new() { Kind = FaultKind.Status, Status = status, RetryAfter = retryAfter, RetryAfterAsDate = asDate };

    /// <inheritdoc cref="FaultKind.Delay"/>
    public static Fault Delayed(TimeSpan delay) => new() { Kind = FaultKind.Delay, Delay = delay };

    /// <inheritdoc cref="FaultKind.ClockSkew"/>
    public static Fault Skewed(TimeSpan skew) => new() { Kind = FaultKind.ClockSkew, Skew = skew };

    /// <inheritdoc cref="FaultKind.Expiry"/>
    public static Fault ExpiryAs(string? expiresOn, string? expiresIn) => new() { Kind = FaultKind.Expiry, ExpiresOn = expiresOn, ExpiresIn = expiresIn };

    /// <summary>A fault that has only a kind.</summary>
    public static Fault Of(FaultKind kind) => new() { Kind = kind };

    /// <summary>Why the fault is not valid, or null.</summary>
    /// <param name="identities">The assigned identities: a fault for another identity would never apply, and nobody would notice.</param>
    internal string? Problem(IReadOnlyList<EmulatedIdentity> identities) => this switch
    {
        { Identity: { } identity } when !identities.Any(i => i.Answers(identity)) => $"identity: '{identity}' is not assigned: give the name or an id of an assigned identity",
        { Kind: FaultKind.Status, Status: not (>= 400 and <= 599) } => "status: a fault of kind 'status' needs a status from 400 to 599",
        { Kind: not FaultKind.Status, Status: not null } => "status: only for kind 'status'",
        { Kind: not FaultKind.Status, RetryAfter: not null } => "retryAfter: only for kind 'status'",
        { Kind: not FaultKind.Status, Error: not null } or { Kind: not FaultKind.Status, ErrorDescription: not null } => "error: only for kind 'status'",
        { RetryAfterAsDate: true, RetryAfter: null } => "retryAfterAsDate: needs retryAfter",
        { Kind: FaultKind.Delay, Delay: null } => "delay: a fault of kind 'delay' needs a delay, such as 2s",
        { Kind: FaultKind.ClockSkew, Skew: null } => "skew: a fault of kind 'clock-skew' needs a skew, such as 5m or -5m",
        { Kind: not FaultKind.ClockSkew, Skew: not null } => "skew: only for kind 'clock-skew'",
        { Kind: not FaultKind.Expiry, ExpiresOn: not null } or { Kind: not FaultKind.Expiry, ExpiresIn: not null } => "expiresOn, expiresIn: only for kind 'expiry'",
        { Kind: FaultKind.Expiry } when !ExpiryForm.IsJson(ExpiresOn) || !ExpiryForm.IsJson(ExpiresIn) => "expiresOn, expiresIn: must be JSON values, such as {seconds} or \"{iso}\"",
        { Count: < 1 } => "count: must be 1 or more; omit it for no limit",
        _ when Duration <= TimeSpan.Zero || Duration > MaxWait => "duration: must be longer than 0 and at most 40 days; omit it for no limit",
        _ when Delay < TimeSpan.Zero || Delay > MaxWait => "delay: must be from 0 to 40 days",
        _ when RetryAfter < TimeSpan.Zero => "retryAfter: must not be negative",
        _ => null,
    };
}
