using System.Globalization;
using System.Security;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using TokenBroker.Proxy.Bodies;
using TokenBroker.Proxy.Telemetry;

namespace TokenBroker.Proxy;

/// <summary>
/// Writes a refusal as the XML error that storage itself would write, so that every SDK raises its usual exception with the
/// sidecar's code and sentence.
/// </summary>
internal sealed class RefusalWriter(TimeProvider time, ILogger<RefusalWriter> logger)
{
    /// <param name="context">The request; its response must not have started.</param>
    /// <param name="refusal">The row.</param>
    /// <param name="retryAfter">When to retry. A 503 has at least one second, rounded up.</param>
    public async Task WriteAsync(HttpContext context, Refusal refusal, TimeSpan? retryAfter = null)
    {
        var requestId = Guid.NewGuid().ToString();
        ProxyLog.Refused(logger, refusal.Level, refusal.Reason, refusal.Status, refusal.Sentence, requestId);

        var response = context.Response;
        response.Clear();
        response.StatusCode = refusal.Status;
        var headers = response.Headers;
        headers["x-ms-request-id"] = requestId;
        headers["x-ms-error-code"] = refusal.Code;
        headers["x-tokenbroker-reason"] = refusal.Reason;
        Echo(context, "x-ms-version");
        Echo(context, "x-ms-client-request-id");
        if (refusal.Status == StatusCodes.Status503ServiceUnavailable)
        {
            var seconds = Math.Clamp(Math.Ceiling(retryAfter?.TotalSeconds ?? 1), 1, 3600);
            headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        if (refusal == Refusal.BodyTimeout)
            headers.Connection = "close"; // the rest of the body may still come
        UnreadBody.CloseIfAwaited(context);
        if (refusal == Refusal.MethodNotAllowed)
            headers.Allow = "GET, HEAD, PUT, POST, DELETE";
        // An answer to HEAD has no body: SDKs then show the reason phrase, if anything.
        context.Features.GetRequiredFeature<IHttpResponseFeature>().ReasonPhrase = refusal.Sentence;
        await WriteBodyAsync(context, refusal, requestId);
        if (refusal != Refusal.BodyTimeout)
            await UnreadBody.DiscardAsync(context, time);
    }

    private Task WriteBodyAsync(HttpContext context, Refusal refusal, string requestId)
    {
        // Storage's own answer to HEAD has the headers above and nothing else. With a content type, the .NET SDK reads XML
        // that does not exist, and its user gets an XmlException instead of the error.
        if (HttpMethods.IsHead(context.Request.Method))
            return Task.CompletedTask;
        var now = time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture);
        var body = Encoding.UTF8.GetBytes(
            $"""<?xml version="1.0" encoding="utf-8"?><Error><Code>{refusal.Code}</Code><Message>"""
            + SecurityElement.Escape($"{refusal.Sentence} (tokenbroker: {refusal.Reason})\nRequestId:{requestId}\nTime:{now}")
            + "</Message></Error>");
        context.Response.ContentType = "application/xml";
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body, 0, body.Length, context.RequestAborted);
    }

    private static void Echo(HttpContext context, string name)
    {
        var values = context.Request.Headers[name];
        // Only one plain value: the request may have been refused because of this header.
        if (values is [{ Length: <= 1024 } value] && !value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            context.Response.Headers[name] = value;
    }
}
