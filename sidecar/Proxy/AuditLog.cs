using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using TokenBroker.Configuration;

namespace TokenBroker.Proxy;

/// <summary>
/// By choice, one line for each request: who was asked for what, and what became of it. Never a blob's name, never a
/// secret: what is not a container's name by its letters is not written.
/// </summary>
internal sealed class AuditLog(BrokerOptions options, ILoggerFactory loggers)
{
    /// <summary>A category of its own, that no other begins with, so that a collector can keep these lines apart.</summary>
    public const string Category = "Audit";

    private const int LongestId = 128;
    private const string None = "-";

    private readonly ILogger _logger = loggers.CreateLogger(Category);

    /// <returns>What the request wants; null if nobody asked for the log.</returns>
    public RequestedOperation? OperationOf(HttpRequest request, Route route) =>
        options.Audit ? RequestedOperation.Of(request.Method, route.Path, route.Query, PolicyHeaders.Of(request.Headers)) : null;

    /// <summary>Writes the line of a request that has ended.</summary>
    public void Write(HttpContext context, ProxyMetrics.Request measured)
    {
        if (!options.Audit)
            return;
        var verdict = measured.ClientGone ? "client-gone" : measured.Refusal is { } refusal ? $"refused {refusal.Reason}" : "forwarded";
        ProxyLog.Audit(_logger, measured.Account ?? None, ContainerName(measured.Operation?.Container), measured.Operation?.Operations.Words() ?? None,
            verdict, context.Response.StatusCode, Id(context.Request.Headers), Id(context.Response.Headers, "x-ms-request-id"));
    }

    private static string ContainerName(string? name) =>
        name is { Length: <= 63 } && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '$') ? name : None;

    /// <summary>One plain word: it is the client's to choose, and must not look like a line of its own.</summary>
    private static string Id(IHeaderDictionary headers, string name = "x-ms-client-request-id")
    {
        var text = headers[name].ToString();
        if (text.Length == 0)
            return None;
        return string.Concat(text.Take(LongestId).Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':' or '/' ? c : '?'));
    }
}
