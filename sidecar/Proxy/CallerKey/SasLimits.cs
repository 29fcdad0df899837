using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using TokenBroker.Proxy.Addressing;

namespace TokenBroker.Proxy.CallerKey;

/// <summary>The limits that a SAS sets: time, address and protocol. Storage does not see the SAS, so they are enforced here.</summary>
internal static class SasLimits
{
    private static readonly string[] Times =
        ["yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm'Z'", "yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'"];

    public static Refusal? Check(BlobRequest request, CallerConnection caller, DateTimeOffset now) =>
        CheckTime(request.Query, now) ?? CheckProtocol(request.Query, caller) ?? CheckAddress(request.Query, caller);

    private static Refusal? CheckTime(BlobQuery query, DateTimeOffset now)
    {
        if (!TryParse(query.SignedValue("se"), out var end) || now > end)
            return Refusal.CallerKeySasTime;
        return query.SignedValue("st") is not { Length: > 0 } text || (TryParse(text, out var start) && now >= start) ? null : Refusal.CallerKeySasTime;
    }

    private static Refusal? CheckProtocol(BlobQuery query, CallerConnection caller) => query.SignedValue("spr")?.ToLowerInvariant() switch
    {
        null or "" or "https,http" => null,
        "https" when caller.IsHttps => null,
        _ => Refusal.CallerKeySasProtocol,
    };

    private static Refusal? CheckAddress(BlobQuery query, CallerConnection caller)
    {
        if (query.SignedValue("sip") is not { Length: > 0 } text)
            return null;
        var range = text.Split('-');
        return range.Length <= 2 && caller.Peer is { } peer
            && ValueOf(peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer) is { } value
            && IPAddress.TryParse(range[0], out var first) && ValueOf(first) <= value
            && IPAddress.TryParse(range[^1], out var last) && value <= ValueOf(last)
            ? null
            : Refusal.CallerKeySasAddress;
    }

    /// <summary>Only IPv4 has a value: a SAS names no other.</summary>
    private static uint? ValueOf(IPAddress address) =>
        address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes()) : null;

    private static bool TryParse(string? text, out DateTimeOffset time) => DateTimeOffset.TryParseExact(
        text, Times, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
}
