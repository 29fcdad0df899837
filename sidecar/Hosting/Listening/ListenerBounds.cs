using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using TokenBroker.Configuration;
using TokenBroker.Limits;

namespace TokenBroker.Hosting.Listening;

/// <summary>Applies the limits of <see cref="ListenerLimits"/> to the server.</summary>
internal static class ListenerBounds
{
    /// <summary>
    /// How much the transport reads ahead of the server, per connection. With the default of 1 MiB, stalled uploads could
    /// fill the memory. The server refuses a value below the largest head.
    /// </summary>
    private const int MaxReadAhead = 128 * 1024;

    /// <summary>How much of an answer is buffered while the client does not read it, per connection.</summary>
    private const int MaxUnsent = 64 * 1024;

    public static IServiceCollection AddLimits(this IServiceCollection services) => services
        .AddSingleton(static services => EffectiveLimits.Of(services.GetRequiredService<BrokerOptions>(), HostResources.Read()))
        .AddSingleton<ListenerLimits>()
        .AddSingleton<BufferedBytes>()
        .AddSingleton<UpstreamSockets>()
        .Configure<SocketTransportOptions>(transport => (transport.MaxReadBufferSize, transport.MaxWriteBufferSize) = (MaxReadAhead, MaxUnsent))
        .AddSingleton<SocketTransportFactory>()
        // The server uses the factory that was added last.
        .AddSingleton<IConnectionListenerFactory, BoundedTransport>();

    /// <summary>Counts the heads of a listener's connections. It must see decrypted bytes, so add it after HTTPS.</summary>
    public static void CountHeads(this ListenOptions listener, ListenerLimit limit)
    {
        var time = listener.ApplicationServices.GetRequiredService<TimeProvider>();
        listener.Use(next => async connection =>
        {
            var head = new ClientHead(connection, limit, time);
            limit.Heads.Add(head);
            connection.Transport = head;
            connection.Features.Set(head);
            try
            {
                await next(connection);
            }
            finally
            {
                limit.Heads.Remove(head);
            }
        });
    }

    /// <summary>Marks the beginning and the end of a request for the connection's head.</summary>
    public static void UseHeads(this IApplicationBuilder app) => app.Use(next => context =>
    {
        var head = context.Features.GetRequiredFeature<ClientHead>();
        head.BeginRequest();
        context.Response.OnCompleted(static head =>
        {
            ((ClientHead)head).EndRequest();
            return Task.CompletedTask;
        }, head);
        return next(context);
    });
}
