using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace TokenBroker.TestSupport.Network;

/// <summary>One handler on an address of this host, and no setting from outside.</summary>
public sealed class LoopbackServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private LoopbackServer(WebApplication app) => _app = app;

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    /// <param name="handler">What it does.</param>
    /// <param name="at">Where; a port of its own on 127.0.0.1 if null.</param>
    /// <param name="certificates">Whose certificate it shows; null for plain http.</param>
    public static async Task<LoopbackServer> StartAsync(RequestDelegate handler, IPEndPoint? at = null, Certificates? certificates = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(at ?? new IPEndPoint(IPAddress.Loopback, 0), listener =>
            {
                if (certificates is not null)
                    listener.UseHttps(certificates.Server);
            });
        });
        var app = builder.Build();
        app.UseWebSockets();
        app.Run(handler);
        await app.StartAsync();
        return new LoopbackServer(app);
    }

    /// <summary>From then on nobody listens there; open requests are ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }
}
