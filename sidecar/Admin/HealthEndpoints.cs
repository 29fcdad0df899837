using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using TokenBroker.Configuration;
using TokenBroker.Logging;
using TokenBroker.Tokens;

namespace TokenBroker.Admin;

/// <summary>
/// Health and metrics, on the admin listener and on the health listener. The health listener has nothing else, because
/// other hosts may connect to it.
/// </summary>
internal sealed class HealthEndpoints(BrokerOptions options, TokenCache tokens, Lifecycle lifecycle, LogQueue log)
{
    public const string Metrics = "/metrics";

    /// <summary>The health listener. It has no authentication and accepts any Host.</summary>
    public static void UseHealth(IApplicationBuilder app)
    {
        var health = app.ApplicationServices.GetRequiredService<HealthEndpoints>();
        app.Use(next => context =>
        {
            AdminGuard.Protect(context.Response);
            return Reads(context.Request) ? next(context) : AdminAnswer.WriteAsync(context, 405,
                new("refused", "method-not-allowed", "The method is not supported. Use GET or HEAD."));
        });
        UseMetrics(app);
        app.Run(context => health.Serve(context) ?? AdminAnswer.WriteAsync(context, 404,
            new("not-found", "not-found", $"The health listener has /health/startup, /health/ready, /health/live and {Metrics}.")));
    }

    public static void UseMetrics(IApplicationBuilder app) =>
        app.UseOpenTelemetryPrometheusScrapingEndpoint(context => context.Request.Path.Value == Metrics && Reads(context.Request));

    /// <returns>The task that writes the answer; null if the path is not one of these.</returns>
    public Task? Serve(HttpContext context) => context.Request.Path.Value switch
    {
        // Live only says that the process works: a missing token is not a reason to restart it.
        "/health/live" => AdminAnswer.WriteAsync(context, 200, new("live")),
        // A missing token does not make the start fail either: startup ends when the listeners are open.
        "/health/startup" => lifecycle.Phase == Phase.Starting
            ? AdminAnswer.WriteAsync(context, 503, new("starting", "starting", "Wait: the sidecar is opening its listeners.", lifecycle.Since))
            : AdminAnswer.WriteAsync(context, 200, new("started", Since: lifecycle.Since)),
        "/health/ready" => WriteReadyAsync(context, HealthReport.Of(options, tokens, lifecycle, log)),
        _ => null,
    };

    private static bool Reads(HttpRequest request) => HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);

    private static Task WriteReadyAsync(HttpContext context, HealthReport report) =>
        AdminAnswer.WriteAsync(context, report.Status == "ready" ? 200 : 503, report, AdminJson.Default.HealthReport);
}
