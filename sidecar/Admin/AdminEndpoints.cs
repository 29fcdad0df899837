using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using TokenBroker.Configuration;
using TokenBroker.Tokens;

namespace TokenBroker.Admin;

/// <summary>What the admin listener answers. It reads snapshots and never sees a token's value.</summary>
internal static class AdminEndpoints
{
    public const string Metrics = "/metrics";

    public static IServiceCollection AddAdmin(this IServiceCollection services) => services.AddSingleton<AdminGuard>();

    public static void UseAdmin(this IApplicationBuilder app)
    {
        var guard = app.ApplicationServices.GetRequiredService<AdminGuard>();
        var options = app.ApplicationServices.GetRequiredService<BrokerOptions>();
        var tokens = app.ApplicationServices.GetRequiredService<TokenCache>();
        app.Use(next => context =>
        {
            AdminGuard.Protect(context.Response);
            if (guard.Check(context) is not var (status, reason, sentence))
                return next(context);
            context.Response.Headers["x-tokenbroker-reason"] = reason;
            return WriteAsync(context, status, new AdminAnswer("refused", reason, sentence), AdminJson.Default.AdminAnswer);
        });
        app.UseOpenTelemetryPrometheusScrapingEndpoint(
            context => context.Request.Path.Value == Metrics && !HttpMethods.IsPost(context.Request.Method));
        app.Run(context => (context.Request.Path.Value, HttpMethods.IsPost(context.Request.Method)) switch
        {
            // Live says that the process answers, and nothing else: a missing token is no reason to restart it.
            ("/health/live", false) => WriteAsync(context, 200, new AdminAnswer("live"), AdminJson.Default.AdminAnswer),
            ("/health/ready", false) => WriteReadyAsync(context, HealthReport.Of(options, tokens)),
            ("/tokens/refresh", true) => RefreshAsync(context, tokens),
            ("/health/live" or "/health/ready" or "/tokens/refresh" or Metrics, _) => WriteAsync(context, 405,
                new AdminAnswer("refused", "method-not-allowed", "Use GET for /health/… and /metrics, and POST for /tokens/refresh."),
                AdminJson.Default.AdminAnswer),
            _ => WriteAsync(context, 404,
                new AdminAnswer("not-found", "not-found",
                    $"The admin listener has /health/live, /health/ready, {Metrics}, and POST /tokens/refresh."),
                AdminJson.Default.AdminAnswer),
        });
    }

    private static async Task RefreshAsync(HttpContext context, TokenCache tokens)
    {
        var report = await RefreshReport.MakeAsync(tokens, context.RequestAborted);
        await WriteAsync(context, report.Status == "failed" ? 503 : 200, report, AdminJson.Default.RefreshReport);
    }

    private static Task WriteReadyAsync(HttpContext context, HealthReport report) =>
        WriteAsync(context, report.Status == "ready" ? 200 : 503, report, AdminJson.Default.HealthReport);

    private static Task WriteAsync<T>(HttpContext context, int status, T answer, JsonTypeInfo<T> type)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(answer, type, cancellationToken: context.RequestAborted);
    }
}
