using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace TokenBroker.Proxy.Bodies;

/// <summary>
/// Reads what a client still sends after the sidecar or storage refused its request. Many clients read the answer only
/// after they have sent everything; if the connection were closed before, they would see a reset instead of the reason.
/// </summary>
internal static class UnreadBody
{
    /// <summary>The connection of a client that sends for longer than this is closed.</summary>
    private static readonly TimeSpan DiscardTimeout = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Before a refusal to a client that waits for 100 Continue: the client may or may not send the body, and on an open
    /// connection the next request could be read as the body, or the other way round. So the connection is closed after the
    /// refusal.
    /// </summary>
    public static void CloseIfAwaited(HttpContext context)
    {
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true } && IsAwaited(context.Request))
            context.Response.Headers.Connection = "close";
    }

    public static async Task DiscardAsync(HttpContext context, TimeProvider time)
    {
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: true } || IsAwaited(context.Request))
            return;
        await context.Response.CompleteAsync();
        using var limit = new CancellationTokenSource(DiscardTimeout, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, context.RequestAborted);
        try
        {
            if ((context.Request.Body as WatchedBody ?? WatchedBody.On(context)) is { } body)
                await body.DiscardAsync(end.Token);
        }
        catch (Exception error) when (error is ConnectionResetException || context.RequestAborted.IsCancellationRequested)
        {
            context.Abort(); // the client is gone; otherwise the server would try to read further and log an error with a stack trace
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or InvalidOperationException)
        {
            // Malformed, too slow, or already read as far as possible. It is not aborted, because the reset could overtake
            // the refusal.
        }
    }

    /// <summary>
    /// A client that waits for 100 Continue sees the refusal first and sends nothing. The server sends 100 Continue when
    /// the body is first read; after that the client sends like any other.
    /// </summary>
    private static bool IsAwaited(HttpRequest request) =>
        request.Headers.Expect.Count > 0 && request.Body is not WatchedBody { IsUntouched: false };
}
