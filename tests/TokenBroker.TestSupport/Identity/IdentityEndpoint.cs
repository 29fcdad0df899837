using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using TokenBroker.TestSupport.Network;
using TokenBroker.TestSupport.Storage;

namespace TokenBroker.TestSupport.Identity;

/// <summary>
/// Where a platform's identities come from, as a real server on a port of its own: it speaks one platform's protocol as
/// strictly as the platform, records every request, and answers what a test plans instead.
/// </summary>
public sealed class IdentityEndpoint : IAsyncDisposable
{
    private readonly IdentityProtocol _protocol;
    private readonly Lock _lock = new();
    private readonly List<IdentityRequest> _requests = [];
    private readonly List<string> _tokens = [];
    private readonly List<(IdentityAnswer Answer, Func<IdentityRequest, bool> When)> _planned = [];

    private LoopbackServer _server = null!;

    private IdentityEndpoint(IdentityProtocol protocol) => _protocol = protocol;

    /// <summary><c>http://127.0.0.1:PORT/</c>, or https with a certificate.</summary>
    public Uri Address => _server.Address;

    /// <summary>How long its tokens live.</summary>
    public TimeSpan TokenLifetime { get; set; } = TimeSpan.FromHours(24);

    public IReadOnlyList<IdentityRequest> Requests
    {
        get { lock (_lock) return [.. _requests]; }
    }

    /// <summary>Every token it gave, in order. Each is a new one.</summary>
    public IReadOnlyList<string> Tokens
    {
        get { lock (_lock) return [.. _tokens]; }
    }

    public static async Task<IdentityEndpoint> StartAsync(IdentityProtocol protocol, X509Certificate2? certificate = null)
    {
        var endpoint = new IdentityEndpoint(protocol);
        endpoint._server = await LoopbackServer.StartAsync(endpoint.HandleAsync, certificate: certificate);
        return endpoint;
    }

    /// <summary>From now on, answers this to requests that <paramref name="when"/> picks; a later plan goes before an earlier one.</summary>
    public void Answer(IdentityAnswer answer, Func<IdentityRequest, bool>? when = null)
    {
        lock (_lock)
            _planned.Insert(0, (answer, when ?? (static _ => true)));
    }

    /// <summary>From now on, answers by its protocol again.</summary>
    public void AnswerAsEver()
    {
        lock (_lock)
            _planned.Clear();
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task HandleAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var request = new IdentityRequest(
            context.Request.Method, context.Request.Path.Value!, context.Request.QueryString.Value ?? "",
            context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            await reader.ReadToEndAsync(context.RequestAborted));
        IdentityAnswer? planned;
        lock (_lock)
        {
            _requests.Add(request);
            planned = _planned.Find(plan => plan.When(request)).Answer;
        }

        var answer = planned ?? _protocol.Answer(request, Issue);
        await answer.Until.WaitAsync(context.RequestAborted);
        request.Status = context.Response.StatusCode = answer.Status;
        foreach (var (name, value) in answer.Headers)
            context.Response.Headers[name] = value;
        context.Response.ContentLength = answer.Body.Length;
        await context.Response.Body.WriteAsync(answer.Body, context.RequestAborted);
    }

    private IssuedToken Issue()
    {
        var expires = TimeProvider.System.GetUtcNow() + TokenLifetime;
        var token = UnsignedToken.Create(expires);
        lock (_lock)
            _tokens.Add(token);
        return new IssuedToken(token, expires.ToUnixTimeSeconds(), (long)TokenLifetime.TotalSeconds);
    }
}
