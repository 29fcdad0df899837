using TokenBroker.Imds.Identities;

namespace TokenBroker.Imds.Tokens;

/// <summary>
/// Issues tokens and keeps the back end's cache: one token per identity and resource, returned again until too little of
/// its lifetime is left. As at the real service, a client cannot change this.
/// </summary>
internal sealed class TokenIssuer(ImdsEmulatorOptions options)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Identity, string Resource), IssuedToken> _current = [];
    private readonly Dictionary<(string Identity, string Resource), IssuedToken> _last = [];
    private readonly List<IssuedToken> _issued = [];

    internal IReadOnlyList<IssuedToken> Issued
    {
        get
        {
            lock (_lock)
                return [.. _issued];
        }
    }

    /// <summary>The answer of a healthy service: the cached token, or a new one that replaces it.</summary>
    internal IssuedToken Current(EmulatedIdentity identity, string resource)
    {
        var now = options.TimeProvider.GetUtcNow();
        lock (_lock)
        {
            if (_current.TryGetValue((identity.Name, resource), out var cached) && IsReusable(cached, now))
                return cached;
            var token = Issue_NeedsLock(identity, resource, now);
            _current[(identity.Name, resource)] = token;
            return token;
        }
    }

    /// <summary>
    /// The last token that was issued, however little of its lifetime is left; a new one only if there was none.
    /// </summary>
    internal IssuedToken Same(EmulatedIdentity identity, string resource)
    {
        lock (_lock)
        {
            if (_last.TryGetValue((identity.Name, resource), out var last))
                return last;
        }
        return Current(identity, resource);
    }

    /// <summary>A token of another clock, outside the cache: no later healthy answer repeats it.</summary>
    internal IssuedToken AtClock(EmulatedIdentity identity, string resource, DateTimeOffset clock)
    {
        lock (_lock)
            return Issue_NeedsLock(identity, resource, clock);
    }

    /// <summary>A token whose life ended at the given time, outside the cache.</summary>
    internal IssuedToken Expired(EmulatedIdentity identity, string resource, DateTimeOffset endedAt) =>
        AtClock(identity, resource, endedAt - options.TokenLifetime);

    private bool IsReusable(IssuedToken token, DateTimeOffset now) =>
        options.ReuseUntilShareLeft is { } share && token.ExpiresAt - now > options.TokenLifetime * share;

    private IssuedToken Issue_NeedsLock(EmulatedIdentity identity, string resource, DateTimeOffset clock)
    {
        // Claims are whole seconds; rounding down keeps a token from being issued in the future.
        var issuedAt = DateTimeOffset.FromUnixTimeSeconds(clock.ToUnixTimeSeconds());
        var id = Jwt.NewId();
        var value = Jwt.Write(id, options.TenantId, identity, resource, issuedAt, options.TokenLifetime);
        var token = new IssuedToken(id, identity, resource, value, issuedAt, options.TokenLifetime);
        _issued.Add(token);
        _last[(identity.Name, resource)] = token;
        return token;
    }
}
