using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
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
    /// <param name="certificate">What it shows; null for plain http.</param>
    public static Task<LoopbackServer> StartAsync(RequestDelegate handler, IPEndPoint? at = null, X509Certificate2? certificate = null) =>
        StartAsync(at ?? AnyPort, handler, listener =>
        {
            if (certificate is not null)
                listener.UseHttps(certificate);
        });

    /// <param name="handler">What it does with a connection, whatever is spoken there.</param>
    public static Task<LoopbackServer> StartBareAsync(Func<ConnectionContext, Task> handler) =>
        StartAsync(AnyPort, static _ => Task.CompletedTask, listener => listener.Run(handler));

    private static IPEndPoint AnyPort => new(IPAddress.Loopback, 0);

    private static async Task<LoopbackServer> StartAsync(IPEndPoint at, RequestDelegate handler, Action<ListenOptions> configure)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(at, configure);
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
