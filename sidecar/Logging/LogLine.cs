namespace TokenBroker.Logging;

/// <summary>A formatted message, ready to be written.</summary>
/// <param name="Bytes">The text with its line end.</param>
/// <param name="IsAudit">True for a line of the audit log.</param>
internal readonly record struct LogLine(byte[] Bytes, bool IsAudit);
