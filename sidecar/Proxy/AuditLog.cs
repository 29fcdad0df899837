using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using TokenBroker.Configuration;
using TokenBroker.Logging;

namespace TokenBroker.Proxy;

/// <summary>
/// By choice, one line for each request: who was asked for what, and what became of it. Never a blob's name, never a
/// secret: what is not a container's name by its letters is not written.
/// </summary>
internal sealed class AuditLog(BrokerOptions options, ILoggerFactory loggers, LogQueue queue)
{
    private const string None = "-";

    private readonly ILogger _logger = loggers.CreateLogger(LogQueue.AuditCategory);

    /// <summary>
    /// Called once before a request is looked at. With <c>Audit:WhenFull</c> refuse, this reserves the place of its line; the
    /// other requests in flight have theirs already, so none of them can go unrecorded.
    /// </summary>
    /// <returns>False if the request must be refused, since its line would be lost.</returns>
    public bool TryBegin() => !options.Audit || options.AuditWhenFull == AuditWhenFull.Drop || queue.TryReserve(isAudit: true);

    /// <summary>Writes the line of a request that has ended. Called exactly once after each <see cref="TryBegin"/> that was true.</summary>
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
