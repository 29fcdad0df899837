using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using TokenBroker.TestSupport.Network;
using TokenBroker.TestSupport.Storage;

namespace TokenBroker.EndToEnd.Secrets;

/// <summary>
/// The identity endpoint of App Service: a header with a secret lets in, and a token is the answer; or one of several
/// broken answers, each with a token of its own in it.
/// </summary>
internal sealed class AppServiceStub : IAsyncDisposable
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    private readonly ConcurrentQueue<string> _tokens = new();
    private LoopbackServer _server = null!;

    private AppServiceStub()
    {
    }

    /// <summary>A word in its address that is in nobody's way to print: what a search must find.</summary>
    public string Canary { get; } = $"canary{Guid.NewGuid():N}";

    public Uri Endpoint => new(_server.Address, $"/{Canary}/msi/token");

    /// <summary>The value of IDENTITY_HEADER.</summary>
    public string Header { get; } = $"{Guid.NewGuid():N}-identity-header";

    /// <summary>Every token that was in an answer, good or broken.</summary>
    public IReadOnlyCollection<string> Tokens => _tokens;

    /// <summary>Which of the answers is given; 0 is the good one.</summary>
    public int Kind { get; set; }

    public static int Kinds => 6;

    public static async Task<AppServiceStub> StartAsync()
    {
        var stub = new AppServiceStub();
        stub._server = await LoopbackServer.StartAsync(stub.AnswerAsync);
        return stub;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Headers["X-IDENTITY-HEADER"] != Header || context.Request.Path != Endpoint.AbsolutePath)
        {
            context.Response.StatusCode = 401;
            return;
        }

        var expires = DateTimeOffset.FromUnixTimeSeconds((TimeProvider.System.GetUtcNow() + Lifetime).ToUnixTimeSeconds());
        var token = UnsignedToken.Create(expires);
        _tokens.Enqueue(token);
        var (status, body) = Kind switch
        {
            1 => (500, $"upstream said: {token}"),
            2 => (200, $"<html>{token}</html>"),
            3 => (200, Json(token, "never")),
            4 => (400, JsonSerializer.Serialize(new { error = "invalid_request", error_description = token, access_token = token })),
            5 => (200, Json(token, expires.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture))[..^40]),
            _ => (200, Json(token, expires.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture))),
        };
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(body);
    }

    private static string Json(string token, string expiresOn) => JsonSerializer.Serialize(new
    {
        access_token = token,
        expires_on = expiresOn,
        resource = "https://storage.azure.com",
        token_type = "Bearer",
        client_id = Guid.NewGuid(),
    });
}
