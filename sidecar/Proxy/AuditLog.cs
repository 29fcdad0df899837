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

    private const string None = "-";

    private readonly ILogger _logger = loggers.CreateLogger(Category);

    /// <summary>Writes the line of a request that has ended.</summary>
    public void Write(HttpContext context, MeasuredRequest measured)
    {
        if (!options.Audit)
            return;
        var verdict = measured.ClientGone ? "client-gone" : measured.Refusal is { } refusal ? $"{(refusal.Status == context.Response.StatusCode ? "refused" : "broken off")} {refusal.Reason}" : "forwarded";
        ProxyLog.Audit(_logger, measured.Account ?? None, ContainerName(measured.Operation?.Container), measured.Operation?.Operations.Words() ?? None,
            verdict, context.Response.StatusCode,
            RequestIds.Of(context.Request.Headers, RequestIds.Client) ?? None, RequestIds.Of(context.Response.Headers, RequestIds.Storage) ?? None);
    }

    private static string ContainerName(string? name) =>
        name is { Length: <= 63 } && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '$') ? name : None;
}
