using System.Reflection;
using Microsoft.Extensions.Hosting.Systemd;
using TokenBroker.Admin;
using TokenBroker.Configuration;
using TokenBroker.Hosting.Commands;
using TokenBroker.Hosting.Files;
using TokenBroker.Hosting.Listening;
using TokenBroker.Limits;
using TokenBroker.Logging;
using TokenBroker.Proxy;
using TokenBroker.Tokens;
using TokenBroker.Upstream;

namespace TokenBroker.Hosting;

/// <summary>Puts the slices together. Tests build the same host that the executable runs.</summary>
internal static class BrokerHost
{
    public const string Name = "tokenbroker";

    public static string Version { get; } =
        typeof(BrokerHost).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <param name="options">Options without faults.</param>
    /// <param name="environment">The environment that token sources read.</param>
    /// <param name="configure">For tests: another clock, another log.</param>
    public static WebApplication Build(BrokerOptions options, ProcessEnvironment environment, Action<IServiceCollection>? configure = null)
    {
        // Empty: no appsettings.json, no ASPNETCORE_ or DOTNET_ variables, no Kestrel section. Any of them could move a
        // listener or make a header replace the peer's address. No file is read from the content root; it is set because
        // the default, the working directory, may have been deleted.
        var builder = WebApplication.CreateEmptyBuilder(new() { ApplicationName = Name, ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.AddLogs(options);
        builder.WebHost.UseListeners(options);
        builder.Services.AddSingleton(options).AddSingleton(environment).AddSingleton(TimeProvider.System);
        // Hosted services stop in reverse order: tokens are refreshed while the last requests finish.
        builder.Services.AddSingleton<TokenMetrics>().AddSingleton<TokenCache>();
        builder.Services.AddHostedService(services => services.GetRequiredService<TokenCache>());
        builder.Services.AddLimits();
        builder.Services.AddUpstream().AddProxy().AddAdmin().AddTelemetry(builder.Configuration, new TelemetryVariables(environment));
        builder.Services.AddSingleton<FileWatches>().AddHostedService<ReloadedFiles>();
        builder.Services.AddSingleton<IHostLifetime, NullHostLifetime>().AddSingleton<DataConnections>().AddSingleton<Drain>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = Timeout.InfiniteTimeSpan); // Drain limits the time
        if (options.ExitWithStdin)
            builder.Services.AddHostedService<StandardInput>();
        configure?.Invoke(builder.Services);

        var app = builder.Build();
        app.UseHeads();
        app.UseWhen(context => context.Features.Get<ListenerRole>() == ListenerRole.Admin, AdminEndpoints.UseAdmin);
        app.UseWhen(context => context.Features.Get<ListenerRole>() == ListenerRole.Health, HealthEndpoints.UseHealth);
        app.Use(app.Services.GetRequiredService<Drain>().CloseBehindAnswers);
        app.Run(app.Services.GetRequiredService<ProxyEndpoint>().HandleAsync);
        return app;
    }

    /// <summary>Starts, and logs this after all listeners are bound to the configured addresses.</summary>
    public static async Task StartAsync(WebApplication app, CancellationToken cancellation = default)
    {
        var options = app.Services.GetRequiredService<BrokerOptions>();
        var bound = Listeners.Open(app.Services, options);
        app.Services.GetRequiredService<OwnListeners>().Set(
            [.. bound.All.Select(listener => listener.EndPoint)],
            [.. bound.All.Where(listener => listener.Role == ListenerRole.Data).Select(listener => listener.EndPoint.Port)]);
        await app.StartAsync(cancellation);
        Listeners.Check(app.Services, bound);
        app.Services.GetRequiredService<Lifecycle>().Enter(Phase.Running);
        StartupMessage.Write(app.Services.GetRequiredService<ILoggerFactory>(), options, app.Services.GetRequiredService<ProcessEnvironment>(), bound);
        LimitsMessage.Write(app.Services.GetRequiredService<ILoggerFactory>(), options, app.Services.GetRequiredService<EffectiveLimits>());
    }

    /// <summary>Runs until the shutdown signal, then drains.</summary>
    public static async Task<int> RunAsync(BrokerOptions options, ProcessEnvironment environment)
    {
        try
        {
            using var signals = new StopSignals(); // before anything else, and until everything is disposed of
            await using var app = Build(options, environment);
            signals.Watch(app.Lifetime);
            var systemd = new SystemdNotice(app.Services.GetRequiredService<ILoggerFactory>());
            await StartAsync(app);
            systemd.Notify(ServiceState.Ready);
            await signals.First;
            systemd.Notify(ServiceState.Stopping);
            var drain = app.Services.GetRequiredService<Drain>();
            await drain.RunAsync(app, signals);
            return ExitCode.OfRun(signals.Signal, drain.WasCut, hasFailed: app.Services.GetRequiredService<TokenCache>().ExecuteTask is { IsFaulted: true });
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            StandardStream.Say(Sentence(error));
            return ExitCode.Failure;
        }
    }

    private static string Sentence(Exception error) =>
        error is ListenException ? error.Message : $"Cannot run ({error.GetType().Name}): {error.Message}";
}
