using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace TokenBroker.TestSupport.Storage;

/// <summary>Carries out what a test has planned for a request.</summary>
internal static class PlannedFate
{
    /// <summary>True if that was the answer; false if storage is to serve the request now.</summary>
    public static async Task<bool> MeetAsync(PlannedAnswer planned, HttpContext context, RecordedRequest record)
    {
        var aborted = context.RequestAborted;
        await planned.Until.WaitAsync(aborted);
        await Task.Delay(planned.Delay, aborted);
        if (planned.ResetAfterRequestBytes is { } requestBytes)
        {
            await RequestBody.ReadSomeAsync(context, record, requestBytes);
            await (planned.Closes ? CloseAsync(context) : ResetAsync(context));
            throw new IOException("Broken off as planned.");
        }
        if (planned.ResetAfterResponseBytes is { } responseBytes)
            CutOff(context, responseBytes, () => planned.Closes ? CloseAsync(context) : ResetAsync(context));
        // When the answer starts: storage's own headers are there by then.
        context.Response.OnStarting(() =>
        {
            foreach (var (name, value) in planned.Headers)
                context.Response.Headers[name] = value;
            return Task.CompletedTask;
        });
        if (planned.Status is not { } status)
            return false;

        if (planned.ReadsBody)
            await RequestBody.ReadAsync(context, record, keep: false);
        if (planned.Code is { } code)
            await new StorageError(status, code, planned.Message, planned.Detail).WriteAsync(context);
        else
            await WriteAsync(context, status, planned.Body);
        if (planned.ClosesBehind)
        {
            await context.Response.CompleteAsync();
            context.Abort(); // what was not read turns the close into a reset
        }
        return true;
    }

    // A reset (RST), as a crashed or overloaded peer sends it, and not the orderly end that Kestrel's Abort would be.
    private static Task ResetAsync(HttpContext context)
    {
        if (context.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket)
        {
            socket.LingerState = new(true, 0);
            socket.Dispose();
        }
        context.Abort();
        return Task.CompletedTask;
    }

    // Sends the end, then reads what still comes and waits for the client's own end: a socket that is closed with bytes
    // unread sends a reset, and so does Kestrel when a request is aborted. A client that never ends is waited for 10 s.
    private static async Task CloseAsync(HttpContext context)
    {
        context.Features.Get<IConnectionSocketFeature>()?.Socket.Shutdown(SocketShutdown.Send);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        limit.CancelAfter(TimeSpan.FromSeconds(10));
        await context.Request.Body.CopyToAsync(Stream.Null, limit.Token);
        await Task.Delay(Timeout.Infinite, limit.Token);
    }

    private static async Task WriteAsync(HttpContext context, int status, byte[] body)
    {
        context.Response.StatusCode = status;
        if (status is 204 or 304 || HttpMethods.IsHead(context.Request.Method))
            return;
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body);
    }

    private static void CutOff(HttpContext context, long after, Func<Task> end)
    {
        var body = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(new CutOffStream(body, after, end), body));
    }
}
