using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using TokenBroker.TestSupport.Network;

namespace TokenBroker.EndToEnd.Telemetry;

/// <summary>An OpenTelemetry collector that keeps what it is sent, byte for byte.</summary>
internal sealed class CollectorStub : IAsyncDisposable
{
    private readonly LoopbackServer _server;
    private readonly ConcurrentQueue<(string Path, byte[] Body)> _bodies;

    private CollectorStub(LoopbackServer server, ConcurrentQueue<(string, byte[])> bodies) => (_server, _bodies) = (server, bodies);

    public Uri Address => _server.Address;

    /// <summary>Everything that arrived at a path that ends like this, one body after the other.</summary>
    public byte[] Received(string ending) =>
        [.. _bodies.Where(body => body.Path.EndsWith(ending, StringComparison.Ordinal)).SelectMany(body => body.Body)];

    public static async Task<CollectorStub> StartAsync()
    {
        var bodies = new ConcurrentQueue<(string, byte[])>();
        var server = await LoopbackServer.StartAsync(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            bodies.Enqueue((context.Request.Path.Value!, body.ToArray()));
            context.Response.ContentType = "application/x-protobuf";
        });
        return new CollectorStub(server, bodies);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
