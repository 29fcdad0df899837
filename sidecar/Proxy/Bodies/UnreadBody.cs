using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace TokenBroker.Proxy.Bodies;

/// <summary>
/// Reads what a client still sends after it was refused, by the sidecar or by storage. Many clients look at the answer only when they have sent
/// everything; if the connection were closed under them, they would see a reset and never the reason.
/// </summary>
internal static class UnreadBody
{
    /// <summary>A client that sends longer than this is cut off.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Before a refusal to a client that waits for 100 Continue: it may send the body all the same or leave it out, and on a
    /// connection that stays open the one could be taken for the other. So the connection ends with the refusal.
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
        using var limit = new CancellationTokenSource(Longest, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, context.RequestAborted);
        try
        {
            if ((context.Request.Body as WatchedBody ?? WatchedBody.On(context)) is { } body)
                await body.DiscardAsync(end.Token);
        }
        catch (Exception error) when (error is ConnectionResetException || context.RequestAborted.IsCancellationRequested)
        {
            context.Abort(); // the client is gone; else the server tries to read on, and logs an error with a stack trace
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or InvalidOperationException)
        {
            // Malformed, too slow, or read already as far as it goes. No abort: it could overtake the refusal.
        }
    }

    /// <summary>
    /// Who waits for 100 Continue sees the refusal first and sends nothing. The server says it when the body is first read;
    /// from then on the client is sending as any other.
    /// </summary>
    private static bool IsAwaited(HttpRequest request) =>
        request.Headers.Expect.Count > 0 && request.Body is not WatchedBody { IsUntouched: false };
}
