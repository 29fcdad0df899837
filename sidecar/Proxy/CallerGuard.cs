using System.Collections.Frozen;
using System.Net;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using TokenBroker.Configuration;
using TokenBroker.Proxy.Addressing;
using TokenBroker.Proxy.Rewriting;

namespace TokenBroker.Proxy;

/// <summary>
/// Step 1: may this caller use the identity? At least as strict as the metadata endpoint itself, which demands a header
/// that no web page can forge and refuses requests that came through a proxy.
/// </summary>
internal sealed class CallerGuard(BrokerOptions options)
{
    private static readonly FrozenSet<string> Methods =
        FrozenSet.Create(StringComparer.Ordinal, "GET", "HEAD", "PUT", "POST", "DELETE");

    private readonly HostNames _hosts = HostNames.ForData(options);

    /// <returns>The refusal; null if the caller is accepted.</returns>
    public Refusal? Check(HttpContext context) =>
        CheckPeer(context.Connection.RemoteIpAddress)
        ?? CheckHost(context)
        ?? (Methods.Contains(context.Request.Method) ? null : Refusal.MethodNotAllowed)
        ?? CheckHeaders(context);

    /// <summary>The socket's own peer address. Null (no address, as with a Unix socket) is not accepted.</summary>
    private Refusal? CheckPeer(IPAddress? peer)
    {
        if (options.Caller.UnsafeAllowNonLoopback)
            return null;
        // IsLoopback knows 127.0.0.0/8, ::1, and 127.0.0.0/8 mapped into IPv6.
        return peer is not null && IPAddress.IsLoopback(peer) ? null : Refusal.PeerNotLoopback;
    }

    /// <summary>
    /// After DNS rebinding a hostile page's plain GET carries neither Origin nor Sec-Fetch headers: only its Host, which a
    /// page cannot choose, distinguishes it from a client.
    /// </summary>
    private Refusal? CheckHost(HttpContext context)
    {
        var values = context.Request.Headers.Host;
        if (values.Count > 1)
            return Refusal.HeaderRepeated;
        var host = values.ToString();
        if (host.Length == 0)
            return Refusal.HostMissing;
        return _hosts.Allow(host, context.Connection.LocalPort) ? null : Refusal.HostNotAllowed;
    }

    private Refusal? CheckHeaders(HttpContext context)
    {
        var headers = context.Request.Headers;
        foreach (var (name, values) in headers)
        {
            if (CheckHeader(name, values) is { } refusal)
                return refusal;
        }

        if (headers.TransferEncoding is { Count: > 0 } coding && !Is(coding.ToString(), "chunked"))
            return Refusal.TransferCoding;
        // If there is a Transfer-Encoding, Kestrel moves Content-Length to this name.
        if (headers.TransferEncoding.Count > 0 && (headers.ContentLength is not null || headers.ContainsKey("X-Content-Length")))
            return Refusal.LengthAmbiguous;
        if (string.IsNullOrWhiteSpace(headers["x-ms-version"]) && !options.Caller.UnsafeAllowMissingVersion && !MustVerifySas(context))
            return Refusal.VersionMissing;
        return null;
    }

    /// <summary>A SAS that will be verified with a caller key: only a page that has the key could forge it.</summary>
    private bool MustVerifySas(HttpContext context) =>
        options.Caller.Keys is not null
        && BlobQuery.OfTarget(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget).Query.HasSignature;

    private static Refusal? CheckHeader(string name, StringValues values)
    {
        // The server accepts such a name, but the HTTP client would silently omit the header.
        if (!name.AsSpan().IsToken())
            return Refusal.HeaderName;
        if (name.StartsWith("x-ms-", StringComparison.OrdinalIgnoreCase))
            return values.Count > 1 ? Refusal.HeaderRepeated : null;
        if (name.StartsWith("X-Forwarded", StringComparison.OrdinalIgnoreCase)
            || Is(name, HeaderNames.Via) || Is(name, "Forwarded"))
            return Refusal.ForwardedRequest;
        // Sec-Fetch-Mode is accepted, because Node's fetch always sends it.
        if (Is(name, HeaderNames.Origin) || Is(name, "Sec-Fetch-Site") || Is(name, "Sec-Fetch-Dest"))
            return Refusal.BrowserRequest;
        if (Is(name, HeaderNames.Range))
            return values.Count > 1 ? Refusal.HeaderRepeated : null;
        return Is(name, HeaderNames.Connection) && !ConnectionOption.AreKnown(values) ? Refusal.ConnectionHeader : null;
    }

    private static bool Is(string name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);
}
