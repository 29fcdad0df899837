using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace TokenBroker.Imds;

/// <summary>
/// Kestrel with two listeners and nothing else: no configuration source (no ASPNETCORE_ variables, no appsettings.json), no
/// logging, no signal handlers. The listeners are distinguished by a mark on the connection, never by Host or path.
/// </summary>
internal sealed class EmulatorHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly CancellationTokenSource _stopping;

    private EmulatorHost(WebApplication app, CancellationTokenSource stopping, Uri metadata, Uri control)
    {
        _app = app;
        _stopping = stopping;
        Metadata = metadata;
        Control = control;
    }

    internal Uri Metadata { get; }

    internal Uri Control { get; }

    internal static async Task<EmulatorHost> StartAsync(
        ImdsEmulatorOptions options, Func<CancellationToken, RequestDelegate> metadata, RequestDelegate control, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new() { ApplicationName = "imds-emulator", ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(options.Listen, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(options.Control, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.Use(next => connection =>
                {
                    connection.Features.Set(new ControlConnection());
                    return next(connection);
                });
            });
        });
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();

        var app = builder.Build();
        var stopping = new CancellationTokenSource();
        var answerMetadata = metadata(stopping.Token);
        app.Run(context => context.Features.Get<ControlConnection>() is null ? answerMetadata(context) : control(context));
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
        // In the order in which they were added above.
        var bound = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToArray();
        return new(app, stopping, new Uri(bound[0]), new Uri(bound[1]));
    }

    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
            return;
        await _stopping.CancelAsync();
        // Held requests end with the line above; unread output of slow clients may be lost.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await _app.StopAsync(patience.Token);
        await _app.DisposeAsync();
    }

    /// <summary>Marks connections of the control listener.</summary>
    private sealed class ControlConnection;

    /// <summary>By default the host would handle Ctrl-C and SIGTERM instead of the process that contains the emulator.</summary>
    private sealed class NoSignals : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
