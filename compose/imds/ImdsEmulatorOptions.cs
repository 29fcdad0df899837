using System.Net;
using TokenBroker.Imds.Identities;

namespace TokenBroker.Imds;

/// <summary>
/// Settings of one emulator. The defaults behave like the real endpoint of a machine with a system-assigned identity.
/// </summary>
public sealed record ImdsEmulatorOptions
{
    /// <summary>The longest token lifetime that real managed identities get.</summary>
    public static readonly TimeSpan MaximumTokenLifetime = TimeSpan.FromHours(24);

    /// <summary>Where the metadata endpoint listens. Default: loopback, a free port.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>Where the control endpoint listens. Default: loopback, a free port. It hands out the record and the tokens.</summary>
    public IPEndPoint Control { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>Allows a <see cref="Control"/> that other machines can reach (for containers). Default: no.</summary>
    public bool UnsafeAllowRemoteControl { get; init; }

    /// <summary>Default: one system-assigned identity. Empty: a machine without any.</summary>
    public IReadOnlyList<EmulatedIdentity> Identities { get; init; } = [EmulatedIdentity.System()];

    /// <summary>The tenant in issuer and <c>tid</c>.</summary>
    public Guid TenantId { get; init; } = new("72f988bf-0000-4000-8000-00000000e0e0");

    /// <summary>Further resources to accept, beside the well-known ones; <c>*</c> accepts all.</summary>
    public IReadOnlyList<string> Resources { get; init; } = [];

    /// <summary>Whole seconds, 1 s to 24 h. Default: 24 h, as real managed identities get.</summary>
    public TimeSpan TokenLifetime { get; init; } = MaximumTokenLifetime;

    /// <summary>
    /// The same token is handed out while more than this share of its lifetime is left: 0 (until it expires) to below 1.
    /// Null: a new token on each request. Default: half, because the real service caches a 24 h token for hours, which
    /// clients cannot change, but has a new token long before the old one expires.
    /// </summary>
    public double? ReuseUntilShareLeft { get; init; } = 0.5;

    /// <summary>Default: the real limit. Null: none.</summary>
    public ImdsRateLimit? RateLimit { get; init; } = new();

    /// <summary>Wall clock, the rate window and every wait.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Every fault of these settings, as sentences of the form "setting: value: cure".</summary>
    public IReadOnlyList<string> Validate() => OptionRules.Check(this);
}

/// <summary>The limit of the managed-identity category; over it the answer is 429.</summary>
public sealed record ImdsRateLimit
{
    /// <summary>Requests accepted per second. Real: 20.</summary>
    public int PerSecond { get; init; } = 20;

    /// <summary>Requests accepted at once. Real: 5. A held or hanging request occupies a place.</summary>
    public int Concurrent { get; init; } = 5;

    /// <summary>Sent as Retry-After with the 429, rounded up to whole seconds. Default: none, the real service sends none.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
