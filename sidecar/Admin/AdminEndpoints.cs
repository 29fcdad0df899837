using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using TokenBroker.Tokens;

namespace TokenBroker.Admin;

/// <summary>What the admin listener answers. It reads snapshots and never sees a token's value.</summary>
internal static class AdminEndpoints
{
    private const string Refresh = "/tokens/refresh";

    public static IServiceCollection AddAdmin(this IServiceCollection services) =>
        services.AddSingleton<AdminGuard>().AddSingleton<Lifecycle>().AddSingleton<HealthEndpoints>();

    public static void UseAdmin(IApplicationBuilder app)
    {
        var guard = app.ApplicationServices.GetRequiredService<AdminGuard>();
        var health = app.ApplicationServices.GetRequiredService<HealthEndpoints>();
        var tokens = app.ApplicationServices.GetRequiredService<TokenCache>();
        app.Use(next => context =>
        {
            AdminGuard.Protect(context.Response);
            if (guard.Check(context) is not var (status, reason, sentence))
                return next(context);
            context.Response.Headers["x-tokenbroker-reason"] = reason;
            return AdminAnswer.WriteAsync(context, status, new("refused", reason, sentence));
        });
        HealthEndpoints.UseMetrics(app);
        app.Run(context => (context.Request.Path.Value, HttpMethods.IsPost(context.Request.Method)) switch
        {
            (Refresh, true) => RefreshAsync(context, tokens),
            ("/health/live" or "/health/ready" or "/health/startup" or HealthEndpoints.Metrics, true) or (Refresh, false) =>
                AdminAnswer.WriteAsync(context, 405, new("refused", "method-not-allowed", $"Use GET for /health/… and {HealthEndpoints.Metrics}, and POST for {Refresh}.")),
            _ => health.Serve(context) ?? AdminAnswer.WriteAsync(context, 404, new("not-found", "not-found",
                $"The admin listener has /health/startup, /health/ready, /health/live, {HealthEndpoints.Metrics}, and POST {Refresh}.")),
        });
    }

    private static async Task RefreshAsync(HttpContext context, TokenCache tokens)
    {
        var report = await RefreshReport.MakeAsync(tokens, context.RequestAborted);
        await AdminAnswer.WriteAsync(context, report.Status == "failed" ? 503 : 200, report, AdminJson.Default.RefreshReport);
    }
}
