using System.Globalization;
using TokenBroker.Imds.Identities;

namespace TokenBroker.Imds.Tokens;

/// <summary>A token that the emulator handed out, with the times that its claims state (UTC, whole seconds).</summary>
public sealed class IssuedToken
{
    internal IssuedToken(string id, EmulatedIdentity identity, string resource, string value, DateTimeOffset issuedAt, TimeSpan lifetime)
    {
        Id = id;
        Identity = identity.Name;
        ClientId = identity.ClientId;
        Resource = resource;
        Value = value;
        IssuedAt = issuedAt;
        NotBefore = issuedAt - Jwt.Backdating;
        ExpiresAt = issuedAt + lifetime;
    }

    /// <summary>Unique; also the claims <c>uti</c> and <c>jti</c>.</summary>
    public string Id { get; }

    /// <summary>The name of its identity.</summary>
    public string Identity { get; }

    /// <summary>The identity's client id.</summary>
    public Guid ClientId { get; }

    /// <summary>The claim <c>aud</c>: the resource as the request spelled it.</summary>
    public string Resource { get; }

    /// <summary>The token itself, to search logs for. Not printed by <see cref="ToString"/>.</summary>
    public string Value { get; }

    /// <summary>The claim <c>iat</c>.</summary>
    public DateTimeOffset IssuedAt { get; }

    /// <summary>The claim <c>nbf</c>: five minutes before <see cref="IssuedAt"/>, as in real tokens.</summary>
    public DateTimeOffset NotBefore { get; }

    /// <summary>The claim <c>exp</c>.</summary>
    public DateTimeOffset ExpiresAt { get; }

    /// <summary>Id and expiry; never the token.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"token {Id} of {Identity} until {ExpiresAt:yyyy-MM-ddTHH:mm:ssZ}");
}
