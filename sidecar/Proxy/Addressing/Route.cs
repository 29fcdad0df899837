namespace TokenBroker.Proxy.Addressing;

/// <summary>Where a request goes, as raw text: nothing in it was ever decoded.</summary>
/// <param name="Account">The account.</param>
/// <param name="Secondary">True if the client asked for the read-only secondary.</param>
/// <param name="Path">The path behind the account: empty, or from its slash on.</param>
/// <param name="Query">The query from its question mark on, as the client sent it; empty if there is none.</param>
internal readonly record struct Route(UpstreamAccount Account, bool Secondary, string Path, string Query);
