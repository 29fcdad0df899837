namespace TokenBroker.Logging;

/// <param name="All">Messages of every kind.</param>
/// <param name="Audit">Lines of the audit log among them.</param>
internal readonly record struct DroppedCounts(long All, long Audit);
