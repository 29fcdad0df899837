using System.Buffers.Binary;
using System.Globalization;
using System.Net;

namespace TokenBroker.Proxy.CallerKey;

/// <summary>What a SAS says about when, whence and how it may be used. Storage no longer sees it, so it is held to here.</summary>
internal static class SasLimits
{
    private static readonly string[] Times =
        ["yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm'Z'", "yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'"];

    public static Refusal? Check(SignedRequest request, DateTimeOffset now) =>
        CheckTime(request, now) ?? CheckProtocol(request) ?? CheckAddress(request);

    private static Refusal? CheckTime(SignedRequest request, DateTimeOffset now)
    {
        if (!TryParse(request.Parameter("se"), out var end) || now > end)
            return Refusal.CallerKeySasTime;
        return request.Parameter("st") is not { Length: > 0 } text || (TryParse(text, out var start) && now >= start) ? null : Refusal.CallerKeySasTime;
    }

    private static Refusal? CheckProtocol(SignedRequest request) => request.Parameter("spr")?.ToLowerInvariant() switch
    {
        null or "" or "https,http" => null,
        "https" when request.IsHttps => null,
        _ => Refusal.CallerKeySasProtocol,
    };

    private static Refusal? CheckAddress(SignedRequest request)
    {
        if (request.Parameter("sip") is not { Length: > 0 } text)
            return null;
        var range = text.Split('-');
        return range.Length <= 2 && request.Peer is { } peer
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
