namespace TokenBroker.Upstream;

/// <summary>A connection to storage ended after a request was written to it and before any of the answer came.</summary>
/// <param name="wasKept">True if it was open before the request: storage may have closed it before it saw the request.</param>
/// <param name="cause">The network's error; null if storage closed the connection in order.</param>
internal sealed class LostConnectionException(bool wasKept, Exception? cause) : HttpIOException(
    cause is null ? HttpRequestError.ResponseEnded : HttpRequestError.Unknown, "Storage closed the connection before it answered.", cause)
{
    public bool WasKept { get; } = wasKept;

    /// <summary>Whether a request failed because a kept connection was lost. HttpClient wraps the exceptions of its connections.</summary>
    public static bool IsOfKept(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
        {
            if (error is LostConnectionException { WasKept: true })
                return true;
        }

        return false;
    }
}
