using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using TokenBroker.Imds.Identities;

namespace TokenBroker.Imds.Tokens;

/// <summary>
/// A token in the form that Entra issues to managed identities (v1 claims). It is not signed: the signature is random and
/// as long as an RS256 signature. A service that verifies signatures refuses it; Azurite's <c>--oauth basic</c> does not
/// verify them and accepts it.
/// </summary>
internal static class Jwt
{
    /// <summary>Entra dates a token back by five minutes: not_before = expires_on − 86,700 s for a 24 h token.</summary>
    internal static readonly TimeSpan Backdating = TimeSpan.FromMinutes(5);

    internal static string Write(string id, Guid tenant, EmulatedIdentity identity, string audience, DateTimeOffset issuedAt, TimeSpan lifetime)
    {
        var header = Part(json =>
        {
            json.WriteString("typ", "JWT");
            json.WriteString("alg", "RS256");
            json.WriteString("kid", "emulated-not-a-real-key");
        });
        var payload = Part(json =>
        {
            json.WriteString("aud", audience);
            json.WriteString("iss", $"https://sts.windows.net/{tenant}/");
            json.WriteNumber("iat", issuedAt.ToUnixTimeSeconds());
            json.WriteNumber("nbf", (issuedAt - Backdating).ToUnixTimeSeconds());
            json.WriteNumber("exp", (issuedAt + lifetime).ToUnixTimeSeconds());
            json.WriteString("appid", identity.ClientId);
            json.WriteString("appidacr", "2");
            json.WriteString("idp", $"https://sts.windows.net/{tenant}/");
            json.WriteString("idtyp", "app");
            json.WriteString("oid", identity.ObjectId);
            json.WriteString("sub", identity.ObjectId);
            json.WriteString("tid", tenant);
            json.WriteString("uti", id);
            json.WriteString("jti", id);
            json.WriteString("ver", "1.0");
            json.WriteString("xms_mirid", identity.ResourceId);
        });
        return $"{header}.{payload}.{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(256))}";
    }

    internal static string NewId() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));

    private static string Part(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        return Base64Url.EncodeToString(buffer.WrittenSpan);
    }
}
