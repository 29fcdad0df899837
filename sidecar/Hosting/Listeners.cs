using System.Net;
using System.Text;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using TokenBroker.Configuration;
using TokenBroker.Proxy;

namespace TokenBroker.Hosting;

/// <summary>The listeners, and everything about Kestrel that a blob client would trip over by default.</summary>
internal static class Listeners
{
    public static void UseListeners(this IWebHostBuilder web, BrokerOptions options) => web.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
    {
        kestrel.AddServerHeader = false; // storage's own passes
        // Metadata may be Latin-1 on the wire, both ways.
        kestrel.RequestHeaderEncodingSelector = RequestHeaderText.EncodingOf;
        kestrel.ResponseHeaderEncodingSelector = _ => Encoding.Latin1;
        SetLimits(kestrel.Limits, options);
        kestrel.Listen(options.Listen.EndPoint, listener =>
        {
            Mark(listener, ListenerRole.Data);
            var connections = kestrel.ApplicationServices.GetRequiredService<DataConnections>();
            var time = kestrel.ApplicationServices.GetRequiredService<TimeProvider>();
            listener.Use(next => connection =>
            {
                connections.Add(connection);
                var watched = new ClientConnection(connection.Transport, time);
                connection.Transport = watched;
                connection.Features.Set(watched);
                return next(connection);
            });
            if (options.Certificate is { } certificate)
                listener.UseHttps(new ServerCertificate(certificate, kestrel.ApplicationServices).HandshakeOptions());
        });
        kestrel.Listen(options.Admin.EndPoint, listener => Mark(listener, ListenerRole.Admin));
        if (options.HealthListen is { } health)
            kestrel.Listen(health.EndPoint, listener => Mark(listener, ListenerRole.Health));
    });

    /// <summary>
    /// The addresses that are really bound. They must be those that were configured: a start that listens anywhere else must
    /// not go on.
    /// </summary>
    public static BoundAddresses Bound(IServiceProvider services, BrokerOptions options)
    {
        var addresses = services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses;
        var bound = addresses.Select(address => new Uri(address))
            .Select(url => new IPEndPoint(IPAddress.Parse(url.Host.Trim('[', ']')), url.Port)).ToList();
        if (addresses.First().StartsWith(options.Listen.Scheme + "://", StringComparison.Ordinal)
            && bound.Count == options.Listeners.Count && options.Listeners.Zip(bound).All(pair => Matches(pair.First, pair.Second)))
            return new(bound);
        throw new InvalidOperationException($"Bound {string.Join(", ", addresses)}, but {string.Join(", ", options.Listeners)} were configured.");
    }

    private static bool Matches(ListenAddress configured, IPEndPoint bound) =>
        configured.Address.Equals(bound.Address) && (configured.Port == 0 || configured.Port == bound.Port);

    private static void Mark(ListenOptions listener, ListenerRole role)
    {
        listener.Protocols = HttpProtocols.Http1; // storage speaks nothing else
        listener.Use(next => connection =>
        {
            connection.Features.Set(role);
            return next(connection);
        });
    }

    private static void SetLimits(KestrelServerLimits limits, BrokerOptions options)
    {
        limits.MaxRequestBodySize = null; // a block may have 4,000 MiB
        limits.MinRequestBodyDataRate = null; // slow clients are storage's to judge
        limits.MinResponseDataRate = null;
        limits.MaxRequestLineSize = 32 * 1024; // a name of 1,024 characters is up to 9 KiB encoded; a SAS comes on top
        limits.MaxRequestHeadersTotalSize = 64 * 1024; // 8 KiB of metadata, and a source address of 2 KiB
        limits.MaxRequestHeaderCount = 1000; // metadata of many short headers
        limits.MaxConcurrentConnections = options.MaxConnections;
    }
}
