using Microsoft.AspNetCore.Http;
using TokenBroker.TestSupport.Network;

namespace TokenBroker.EndToEnd.Check;

/// <summary>What a company's web proxy does that opens TLS: it stands at storage's address with a certificate of its own authority, and answers with a page.</summary>
internal static class InterceptingProxy
{
    public static Task<LoopbackServer> StartAsync(Certificates certificates, int status) => LoopbackServer.StartAsync(
        context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Server = "squid/6.6";
            context.Response.Headers.Via = "1.1 proxy.corp.example (squid/6.6)";
            context.Response.ContentType = "text/html";
            return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.WriteAsync("<html>Sign in to the company's network</html>");
        },
        certificate: certificates.Server);
}
