using System.Net;

namespace TokenBroker.Configuration;

internal sealed record AccountOptions
{
    public required string Name { get; init; }

    /// <summary>The account's endpoint. May have a path, as for an emulator; never ends with a slash.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>The read-only secondary; null where neither configured nor derivable from the endpoint.</summary>
    public Uri? SecondaryEndpoint { get; init; }

    /// <summary>Where the TCP connection goes instead of the endpoint's host; name checks stay the endpoint's.</summary>
    public DnsEndPoint? ConnectTo { get; init; }

    public IdentitySelector Identity { get; init; } = IdentitySelector.System;

    /// <summary>
    /// What clients may do; null for everything that the identity may do, except operations that hand out a credential.
    /// </summary>
    public PolicyOptions? Policy { get; init; }
}
