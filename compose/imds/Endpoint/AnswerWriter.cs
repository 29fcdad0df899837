using System.Globalization;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace TokenBroker.Imds.Endpoint;

/// <summary>Sends an answer.</summary>
internal static class AnswerWriter
{
    internal static async Task WriteAsync(HttpContext context, Answer answer, DateTimeOffset now)
    {
        if (answer.IsReset)
        {
            Reset(context);
            return;
        }
        var response = context.Response;
        response.StatusCode = answer.Status;
        response.ContentType = answer.ContentType;
        response.ContentLength = answer.Body.Length;
        response.Headers.Server = "IMDS/150.870.65.0-emulator";
        response.Headers["x-ms-request-id"] = Guid.NewGuid().ToString();
        if (answer.RetryAfter is { } retryAfter)
            response.Headers.RetryAfter = retryAfter;
        if (answer.Status == StatusCodes.Status405MethodNotAllowed)
            response.Headers.Allow = HttpMethods.Get;
        response.Headers.Date = (answer.Date ?? now).ToString("R", CultureInfo.InvariantCulture);
        try
        {
            // Fewer bytes than announced: Kestrel sends them and then closes the connection. (A reset here would also drop
            // the bytes that are still on the way, and the client would see no answer.)
            await response.Body.WriteAsync(answer.Body.AsMemory(0, answer.CutAfter ?? answer.Body.Length), context.RequestAborted);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client closed the connection during the answer.
        }
    }

    /// <summary>
    /// A real RST. Kestrel's own abort shuts the socket down first, which the peer sees as a normal end; closing with a
    /// linger time of zero does not.
    /// </summary>
    private static void Reset(HttpContext context)
    {
        if (context.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket)
        {
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
            socket.Dispose();
        }
        context.Features.Get<IHttpRequestLifetimeFeature>()?.Abort();
    }
}
