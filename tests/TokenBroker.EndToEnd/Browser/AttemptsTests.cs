using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using TokenBroker.TestSupport.Network;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.Browser;

/// <summary>The attempts themselves: each of them gets through where nobody minds.</summary>
[Long]
[Requires(Capability.Node, Capability.Npm, Capability.Chromium, Capability.MountNamespaces)]
public class AttemptsTests
{
    [Fact]
    public async Task Every_attempt_reaches_a_server_that_lets_every_page_in_and_reads_what_a_page_can()
    {
        var seen = new ConcurrentBag<string>();
        await using var careless = await LoopbackServer.StartAsync(context => AnswerAsync(context, seen));
        await using var server = await HostilePage.ServeAsync();
        await using var browser = await ChromiumRun.StartAsync();

        var tab = await browser.OpenAsync(Target.Named("localhost", server.Address));
        var attempts = await tab.AttackAsync(Target.Data(careless.Address) with { Mark = true });

        Assert.All(attempts, attempt => Assert.Contains(attempt.Name, seen));
        // What arrives all the same, and may change something.
        string[] blind =
        [
            "fetch GET without cors", "fetch GET with the header without cors", "fetch HEAD", "fetch HEAD without cors", "fetch POST without cors",
            "form GET", "form POST", "form POST multipart", "form POST text", "image", "iframe", "object", "beacon", "window",
        ];
        Assert.Equal(blind, attempts.Where(attempt => !attempt.Read.Contains(Blobs.Secret, StringComparison.Ordinal)).Select(attempt => attempt.Name));
        Assert.Equal(Blobs.ImageSize, attempts.Single(attempt => attempt.Name == "image").Read);
    }

    [Fact]
    public void Lock_file_names_no_registry_and_a_hash_for_every_package()
    {
        using var lockFile = JsonDocument.Parse(File.ReadAllBytes(ChromiumRun.PathOf("js/package-lock.json")));
        var packages = lockFile.RootElement.GetProperty("packages").EnumerateObject().ToArray();

        Assert.All(packages, package => Assert.False(package.Value.TryGetProperty("resolved", out _), package.Name));
        Assert.All(packages.Skip(1), package => Assert.True(package.Value.TryGetProperty("integrity", out _), package.Name));
    }

    private static async Task AnswerAsync(HttpContext context, ConcurrentBag<string> seen)
    {
        var (request, response) = (context.Request, context.Response);
        if (request.Method != "OPTIONS")
            seen.Add(await AttemptAsync(request));
        if (context.WebSockets.IsWebSocketRequest)
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            await socket.SendAsync(Encoding.UTF8.GetBytes(Blobs.Secret), WebSocketMessageType.Text, endOfMessage: true, context.RequestAborted);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
            return;
        }

        response.Headers.AccessControlAllowOrigin = request.Headers.Origin.ToString() is { Length: > 0 } origin ? origin : "*";
        response.Headers.AccessControlAllowCredentials = "true";
        response.Headers.AccessControlAllowMethods = "GET, HEAD, PUT, POST, DELETE";
        response.Headers.AccessControlAllowHeaders = "x-ms-version, x-ms-blob-type";
        var (_, _, type, content) = Blobs.Files.FirstOrDefault(file => request.Path.Value!.EndsWith(file.Name, StringComparison.Ordinal), Blobs.Files[0]);
        response.ContentType = type;
        if (request.Method != "HEAD")
            await response.Body.WriteAsync(content, context.RequestAborted);
    }

    /// <summary>Who it is: in the address, or in the field of a form.</summary>
    private static async Task<string> AttemptAsync(HttpRequest request)
    {
        if (request.Query["attempt"].ToString() is { Length: > 0 } name)
            return name;
        if (request.HasFormContentType)
            return (await request.ReadFormAsync())["attempt"].ToString();
        using var body = new StreamReader(request.Body);
        return (await body.ReadToEndAsync()).Trim().Split('=')[^1]; // a form as plain text
    }
}
