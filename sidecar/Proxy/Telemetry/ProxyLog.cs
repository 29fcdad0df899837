namespace TokenBroker.Proxy.Telemetry;

/// <summary>
/// The log messages of this slice. Never a target, because it contains a blob name and may contain a signature.
/// </summary>
internal static partial class ProxyLog
{
    [LoggerMessage(EventId = 200, Message = "Refused: {Reason} ({Status}). {Sentence} Request id: {RequestId}")]
    public static partial void Refused(ILogger logger, LogLevel level, string reason, int status, string sentence, string requestId);

    [LoggerMessage(201, LogLevel.Debug, "Forwarding to {Account} failed: {Error}, {Cause}")]
    public static partial void ForwardingFailed(ILogger logger, string account, string error, string? cause);

    [LoggerMessage(202, LogLevel.Error, "A request failed because of an internal error: {Cause}")]
    public static partial void Failed(ILogger logger, string cause);

    [LoggerMessage(203, LogLevel.Trace, "{Method} for {Account} was answered with {Status}")]
    public static partial void Answered(ILogger logger, string method, string account, int status);

    [LoggerMessage(220, LogLevel.Debug, "Storage of {Account} closed a reused connection before it answered. The request is sent again on a new connection")]
    public static partial void SentAgain(ILogger logger, string account);

    [LoggerMessage(210, LogLevel.Warning, "The policy of {Account} would refuse {Operation}: {Reason}. {Sentence}")]
    public static partial void PolicyWouldRefuse(ILogger logger, string account, string operation, string reason, string sentence);

    [LoggerMessage(211, LogLevel.Information, "{Account} {Container} {Operation}: {Verdict} {Status}; client request {ClientRequestId}, request {RequestId}")]
    public static partial void Audit(ILogger logger, string account, string container, string operation, string verdict, int status, string clientRequestId, string requestId);
}
