using System.Net;
using Microsoft.AspNetCore.Http;
using TokenBroker.TestSupport.Network;

namespace TokenBroker.EndToEnd.Browser;

/// <summary>The page that tries everything, as a server of the web has it, on loopback.</summary>
internal static class HostilePage
{
    public static Task<LoopbackServer> ServeAsync(IPEndPoint? at = null) => LoopbackServer.StartAsync(AnswerAsync, at);

    private static Task AnswerAsync(HttpContext context)
    {
        var (file, type) = context.Request.Path.Value switch
        {
            "/" => ("index.html", "text/html"),
            "/attempts.js" => ("attempts.js", "text/javascript"),
            _ => (null, null),
        };
        context.Response.StatusCode = file is null ? 404 : 200;
        context.Response.ContentType = type;
        return file is null ? Task.CompletedTask : context.Response.SendFileAsync(ChromiumRun.PathOf($"page/{file}"), context.RequestAborted);
    }
}
