using TokenBroker.Configuration;
using TokenBroker.Logging;

namespace TokenBroker.Admin;

/// <param name="Dropped">Log messages that were dropped since the start.</param>
/// <param name="DroppedAudit">Audit lines among them.</param>
/// <param name="AuditWhenFull">drop or refuse; null without an audit log.</param>
/// <param name="IsFull">True if the next audit line would be lost.</param>
/// <param name="WhatToDo">What to do.</param>
internal sealed record LogHealth(long Dropped, long DroppedAudit, string? AuditWhenFull, bool IsFull, string WhatToDo)
{
    private const string ReadOn = "Check that the reader of standard output is running and fast enough; if standard output is a file, check for a full disk.";

    /// <returns>Null if nothing was dropped.</returns>
    public static LogHealth? Of(BrokerOptions options, LogQueue log)
    {
        var (dropped, isFull) = (log.Dropped, log.IsFull);
        if (dropped.All == 0 && !isFull)
            return null;
        var refuses = options is { Audit: true, AuditWhenFull: Configuration.AuditWhenFull.Refuse };
        return new(dropped.All, dropped.Audit, options.Audit ? options.AuditWhenFull.ToString().ToLowerInvariant() : null, isFull,
            refuses && isFull ? $"Requests are answered with 503 (audit-full) until there is room. {ReadOn}" : ReadOn);
    }
}
