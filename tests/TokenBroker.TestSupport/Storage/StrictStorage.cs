using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using TokenBroker.TestSupport.Network;

namespace TokenBroker.TestSupport.Storage;

/// <summary>
/// A blob service in memory that is as strict as Azure where Azurite is kinder: it takes nothing but a bearer token, wants
/// a version that knows bearers, a length on every upload, and no SAS beside the token. It is a real
/// server on a port of its own; it records every request byte for byte, and does to the next ones what a test plans.
/// </summary>
/// <remarks>
/// A blob called <c>pattern-N</c>, in any container, always exists: N bytes of <see cref="Pattern"/>, made while they are sent.
/// A copy's source is an address of the stub itself, path-style as its own or <c>ACCOUNT.blob.core.windows.net</c>, and is read inside
/// it. What it does not implement it answers 501.
/// </remarks>
public sealed class StrictStorage : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly StorageEndpoint _endpoint;
    private readonly OpenConnections _connections;
    private readonly bool _ownsCertificates;

    private StrictStorage(WebApplication server, StorageEndpoint endpoint, OpenConnections connections, Certificates? certificates, bool ownsCertificates)
    {
        (_server, _endpoint, _connections, Certificates, _ownsCertificates) = (server, endpoint, connections, certificates, ownsCertificates);
        Address = new Uri(server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
    }

    /// <summary><c>https://127.0.0.1:PORT/</c>: the service, without an account.</summary>
    public Uri Address { get; }

    /// <summary>What its certificate comes from; null over plain http.</summary>
    public Certificates? Certificates { get; }

    public RequestLog Requests => _endpoint.Requests;

    /// <summary>Connections that clients hold open now.</summary>
    public int OpenConnections => _connections.Count;

    public static async Task<StrictStorage> StartAsync(StrictStorageOptions? options = null)
    {
        options ??= new StrictStorageOptions();
        var certificates = options.Https ? options.Certificates ?? Certificates.Create(["127.0.0.1", "::1", "localhost", .. options.Names]) : null;
        var endpoint = new StorageEndpoint(options.Accounts, options.Names, options.Time);
        var connections = new OpenConnections();

        // Empty: no configuration, environment or logging of the test process reaches it.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        // A flush then returns once the bytes are with the system (0 would be "no limit"), so that a planned reset falls
        // where it was planned.
        builder.WebHost.UseSockets(sockets =>
        {
            sockets.MaxWriteBufferSize = 1;
            sockets.CreateBoundListenSocket = options.CreateListenSocket ?? sockets.CreateBoundListenSocket;
        });
        builder.WebHost.ConfigureKestrel(kestrel => Configure(kestrel, certificates, connections));
        var server = builder.Build();
        server.Run(endpoint.HandleAsync);
        await server.StartAsync();
        return new StrictStorage(server, endpoint, connections, certificates, ownsCertificates: options.Certificates is null);
    }

    public StorageAccount Account(string name = "acct") => _endpoint.Accounts[name];

    /// <summary>The account's path-style endpoint.</summary>
    public Uri EndpointOf(string account = "acct") => new(Address, account);

    /// <summary>Does this to the next requests, or the next that <paramref name="when"/> picks. Plans are used up in order.</summary>
    public void AnswerNext(PlannedAnswer answer, int times = 1, Func<RecordedRequest, bool>? when = null) =>
        _endpoint.Plan.Add(answer, times, when ?? (static _ => true));

    /// <summary>Does this to every request from now on that <paramref name="when"/> picks.</summary>
    public void AnswerAll(PlannedAnswer answer, Func<RecordedRequest, bool>? when = null) => AnswerNext(answer, int.MaxValue, when);

    public async ValueTask DisposeAsync()
    {
        // Held requests and open connections end now: a test that is over waits for nobody.
        await _server.StopAsync(new CancellationToken(canceled: true));
        await _server.DisposeAsync();
        if (_ownsCertificates)
            Certificates?.Dispose();
    }

    private static void Configure(KestrelServerOptions kestrel, Certificates? certificates, OpenConnections connections)
    {
        // Azure writes Server itself; names and metadata may be long; bodies have the limits of the service version alone.
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Limits.MaxRequestLineSize = 64 * 1024;
        kestrel.Limits.MaxRequestHeadersTotalSize = 64 * 1024;
        kestrel.Limits.MaxRequestHeaderCount = 1000;
        kestrel.RequestHeaderEncodingSelector = _ => Encoding.Latin1;
        kestrel.ResponseHeaderEncodingSelector = _ => Encoding.Latin1;
        kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http1; // the service has no HTTP/2
            if (certificates is not null)
                listen.UseHttps(certificates.Server);
            listen.Use(next => async connection =>
            {
                using var counted = connections.Add();
                var capture = new HeadCapture(connection.Transport.Input);
                connection.Transport = new TappedTransport(capture, connection.Transport.Output);
                connection.Features.Set(capture);
                await next(connection);
            });
        });
    }
}
