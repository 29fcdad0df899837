using TokenBroker.Configuration;
using TokenBroker.Logging;
using TokenBroker.Proxy.Addressing;

namespace TokenBroker.Proxy.Telemetry;

/// <summary>
/// Optionally, one line for each request: account, container, operation and result. Never a blob name or a secret: a
/// container that has characters no container name may have is not written.
/// </summary>
internal sealed class AuditLog(BrokerOptions options, Router router, ILoggerFactory loggers, LogQueue queue)
{
    private const string None = "-";

    private readonly ILogger _logger = loggers.CreateLogger(LogQueue.AuditCategory);

    /// <summary>
    /// Called once before anything else is done with a request. With <c>Audit:WhenFull</c> refuse, this reserves room for
    /// its line. All other requests in flight have reserved room too, so each of them is recorded.
    /// </summary>
    /// <returns>False if the request must be refused because its line would be lost.</returns>
    public bool TryBegin() => !options.Audit || options.AuditWhenFull == AuditWhenFull.Drop || queue.TryReserve(isAudit: true);

    /// <summary>Writes the line of a request that has ended. Called exactly once after each <see cref="TryBegin"/> that was true.</summary>
    public void Write(Exchange exchange)
    {
        if (!options.Audit)
            return;
        var verdict = exchange.ClientGone ? "client-gone" : exchange.Refusal is { } refusal ? $"{(refusal.Status == exchange.Context.Response.StatusCode ? "refused" : "broken off")} {refusal.Reason}" : "forwarded";
        var (account, container) = Named(exchange);
        ProxyLog.Audit(_logger, account ?? None, ContainerName(container), exchange.Operation?.Operations.Words() ?? None,
            verdict, exchange.Context.Response.StatusCode,
            RequestIds.Of(exchange.Context.Request.Headers, RequestIds.Client) ?? None, RequestIds.Of(exchange.Context.Response.Headers, RequestIds.Storage) ?? None);
    }

    /// <summary>
    /// The account and container that the request names. It also names them if the request was refused before routing, or
    /// if its operation concerns more than the container, like a batch.
    /// </summary>
    private (string? Account, string? Container) Named(Exchange exchange)
    {
        var request = exchange.Request;
        if (request is null)
            router.TryRead(exchange.Context, out request, out _);
        return (request?.Account.Name, exchange.Operation?.Container ?? (request is null ? null : ContainerOf(request)));
    }

    /// <summary>
    /// One segment is a container only if restype says so. Otherwise it could be a blob name, which is not logged.
    /// </summary>
    private static string? ContainerOf(BlobRequest request) =>
        request.Path.HasRest || "container".Equals(request.RestType, StringComparison.OrdinalIgnoreCase) ? request.Path.First : null;

    private static string ContainerName(string? name) =>
        name is { Length: > 0 and <= 63 } && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '$') ? name : None;
}
