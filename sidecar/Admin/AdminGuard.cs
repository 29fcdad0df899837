using System.Net;
using Microsoft.AspNetCore.Http;
using TokenBroker.Configuration;

namespace TokenBroker.Admin;

/// <summary>
/// Who may use the admin listener: programs and people on this host. Web pages of other sites may not, neither by
/// cross-origin requests nor after DNS rebinding.
/// </summary>
internal sealed class AdminGuard(BrokerOptions options)
{
    private readonly HostNames _hosts = HostNames.ForAdmin(options);

    /// <returns>The status and the sentence to refuse with; null if the caller is accepted.</returns>
    public (int Status, string Reason, string Sentence)? Check(HttpContext context)
    {
        var headers = context.Request.Headers;
        if (context.Connection.RemoteIpAddress is not { } peer || !IPAddress.IsLoopback(peer))
            return (403, "peer-not-loopback", "Only programs on this host may use the admin listener. For other hosts, use --health-listen.");
        if (headers.Host.Count != 1 || string.IsNullOrEmpty(headers.Host))
            return (400, "host-missing", "The request does not have exactly one Host header. Send one.");
        if (!_hosts.Allow(headers.Host.ToString(), context.Connection.LocalPort))
            return (403, "host-not-allowed", "The Host header is not the admin listener's address. Use the address that the sidecar printed at its start.");
        var isPost = HttpMethods.IsPost(context.Request.Method);
        if (!isPost && !HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
            return (405, "method-not-allowed", "The method is not supported. Use GET, HEAD or POST.");
        if (headers["Sec-Fetch-Site"].ToString() is not ("" or "none" or "same-origin"))
            return (403, "browser-request", "Web pages of other sites are not allowed to use the admin listener.");
        return isPost ? CheckChange(headers) : null;
    }

    /// <summary>A form or script of another origin can send a POST, but not with this header.</summary>
    private static (int Status, string Reason, string Sentence)? CheckChange(IHeaderDictionary headers)
    {
        if (headers.Origin.ToString() is { Length: > 0 } origin && origin != $"http://{headers.Host}")
            return (403, "browser-request", "Web pages of other sites are not allowed to use the admin listener.");
        return headers["X-TokenBroker"] == "1"
            ? null
            : (403, "header-missing", "The request changes something and needs the header 'X-TokenBroker: 1'. Add it.");
    }

    /// <summary>For every answer: forbids framing, content sniffing, caching, and content from other sites.</summary>
    public static void Protect(HttpResponse response)
    {
        response.Headers.ContentSecurityPolicy = "default-src 'self'; frame-ancestors 'none'";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["X-Frame-Options"] = "DENY";
        response.Headers.CacheControl = "no-store";
    }
}
