using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;
using TokenBroker.Configuration;
using TokenBroker.Limits;

namespace TokenBroker.Hosting.Listening;

/// <summary>The listeners, and all Kestrel settings whose defaults would cause problems for blob clients.</summary>
internal static class Listeners
{
    public static void UseListeners(this IWebHostBuilder web, BrokerOptions options) => web.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
    {
        kestrel.AddServerHeader = false; // storage's own header is kept
        // Metadata may be Latin-1 on the wire, both ways.
        kestrel.RequestHeaderEncodingSelector = RequestHeaderText.EncodingOf;
        kestrel.ResponseHeaderEncodingSelector = _ => Encoding.Latin1;
        kestrel.DisableStringReuse = true; // an idle connection would keep the header values of its last request
        SetLimits(kestrel.Limits);
    }).ConfigureServices(services => services.AddSingleton<ListenSockets>()
        .AddOptions<SocketTransportOptions>().Configure<ListenSockets>((transport, sockets) => transport.CreateBoundListenSocket = sockets.Of));

    /// <summary>Opens every listener, for the server to take over when it starts.</summary>
    /// <exception cref="ListenException">Listening on an address failed.</exception>
    public static BoundAddresses Open(IServiceProvider services, BrokerOptions options)
    {
        var kestrel = services.GetRequiredService<IOptions<KestrelServerOptions>>().Value;
        var sockets = services.GetRequiredService<ListenSockets>();
        var certificate = options.Certificate is { } files ? new ServerCertificate(files, services) : null;
        sockets.Open();
        var limits = services.GetRequiredService<ListenerLimits>();
        foreach (var open in sockets.All)
        {
            var limit = open.Role == ListenerRole.Data ? limits.Data : open.Role == ListenerRole.Admin ? limits.Admin : limits.Health;
            kestrel.Listen(limit.At(open.EndPoint), listener =>
            {
                Mark(listener, open.Role);
                if (open.Role == ListenerRole.Data)
                    Count(listener);
                if (open.Configured.IsHttps)
                    listener.UseHttps(certificate!.HandshakeOptions());
                listener.CountHeads(limit);
            });
        }

        return new(sockets.All);
    }

    /// <summary>
    /// The bound addresses must be those that were opened, in the same order: the start must fail if the server listens on
    /// any other address.
    /// </summary>
    public static void Check(IServiceProvider services, BoundAddresses opened)
    {
        var addresses = services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses;
        if (!addresses.SequenceEqual(opened.All.Select(listener => listener.ToString())))
            throw new InvalidOperationException($"Bound {string.Join(", ", addresses)}, but {string.Join(", ", opened.All)} were opened.");
    }

    private static void Mark(ListenOptions listener, ListenerRole role)
    {
        listener.Protocols = HttpProtocols.Http1; // storage supports nothing else
        listener.Use(HalfClosedClients.Await);
        listener.Use(next => connection =>
        {
            connection.Features.Set(role);
            return next(connection);
        });
    }

    private static void Count(ListenOptions listener)
    {
        var connections = listener.ApplicationServices.GetRequiredService<DataConnections>();
        listener.Use(next => connection =>
        {
            connections.Add(connection);
            return next(connection);
        });
    }

    private static void SetLimits(KestrelServerLimits limits)
    {
        limits.MaxRequestBodySize = null; // a block may have 4,000 MiB
        limits.MinRequestBodyDataRate = null; // storage decides about slow clients
        limits.MinResponseDataRate = null;
        limits.MaxRequestLineSize = 32 * 1024; // a name of 1,024 characters is up to 9 KiB encoded; a SAS comes on top
        limits.MaxRequestHeadersTotalSize = 64 * 1024; // 8 KiB of metadata, and a source address of 2 KiB
        limits.MaxRequestHeaderCount = 1000; // metadata of many short headers
        limits.MaxConcurrentConnections = null; // each kind of listener has its own limit
    }
}
