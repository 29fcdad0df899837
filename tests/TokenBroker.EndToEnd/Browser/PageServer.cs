using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace TokenBroker.EndToEnd.Browser;

/// <summary>A server of the web, on loopback: it serves the hostile page, or whatever the test has it answer.</summary>
internal sealed class PageServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private PageServer(WebApplication app) => _app = app;

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    /// <summary>Serves the hostile page.</summary>
    public static Task<PageServer> StartAsync(IPAddress address, int port = 0) => StartAsync(address, port, ServePageAsync);

    public static async Task<PageServer> StartAsync(IPAddress address, int port, RequestDelegate handler)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(address, port));
        var app = builder.Build();
        app.UseWebSockets();
        app.Run(handler);
        await app.StartAsync();
        return new PageServer(app);
    }

    /// <summary>From then on nobody listens there.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    private static Task ServePageAsync(HttpContext context)
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
