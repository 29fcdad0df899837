using System.Diagnostics.CodeAnalysis;
using System.Net;
using BenchmarkDotNet.Attributes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using TokenBroker.Configuration;
using TokenBroker.Hosting.Listening;
using TokenBroker.Proxy;
using TokenBroker.Proxy.CallerKey;
using TokenBroker.Tokens;
using TokenBroker.Upstream;

namespace TokenBroker.Benchmarks;

/// <summary>
/// What the sidecar's own code costs a GET of a blob before it is sent: the steps from the guard to the policy, without server,
/// token and forwarder. The headers are those that the .NET SDK sends.
/// </summary>
[MemoryDiagnoser]
[SuppressMessage("Design", "CA1001", Justification = "BenchmarkDotNet calls the cleanup.")]
public class RequestSteps
{
    private ServiceProvider? _services;
    private ProxySteps? _steps;
    private HttpContext? _context;

    [Params("/acct/images/a.png", "/acct/images?restype=container&comp=list&prefix=a%2F&delimiter=%2F&maxresults=100")]
    public string Target { get; set; } = "";

    [Params(false, true)]
    public bool Policy { get; set; }

    [GlobalSetup]
    public void Start()
    {
        var policy = Policy ? new PolicyOptions { Operations = BlobOperations.Read | BlobOperations.List } : null;
        var options = new BrokerOptions
        {
            Accounts = [new() { Name = "acct", Endpoint = new("https://acct.blob.core.windows.net"), Policy = policy }],
        };
        _services = new ServiceCollection().AddLogging().AddMetrics().AddSingleton(options).AddSingleton(ProcessEnvironment.Empty)
            .AddSingleton(TimeProvider.System).AddSingleton<TokenMetrics>().AddSingleton<TokenCache>().AddLimits().AddUpstream().AddProxy().BuildServiceProvider();
        _steps = _services.GetRequiredService<ProxySteps>();
        _context = new DefaultHttpContext();
        var request = _context.Features.GetRequiredFeature<IHttpRequestFeature>();
        (request.Method, request.Scheme, request.Protocol, request.RawTarget) = ("GET", "http", "HTTP/1.1", Target);
        (_context.Connection.RemoteIpAddress, _context.Connection.LocalPort) = (IPAddress.Loopback, 11000);
        var headers = _context.Request.Headers;
        (headers.Host, headers.Accept, headers.UserAgent) = ("127.0.0.1:11000", "application/xml", "azsdk-net-Storage.Blobs/12.26.0 (.NET 10.0.0; Linux)");
        headers["x-ms-client-request-id"] = "5a5b9b2e-6b1c-4f0e-8d2f-6a51f1a3c001";
        headers["x-ms-date"] = "Thu, 01 Jan 2026 00:00:00 GMT";
        headers["x-ms-return-client-request-id"] = "true";
    }

    [GlobalCleanup]
    public void Stop() => _services?.Dispose();

    [Benchmark(Description = "guard to policy")]
    public bool GuardToPolicy()
    {
        var (steps, context) = (_steps!, _context!);
        context.Request.Headers["x-ms-version"] = "2025-07-05";
        context.Request.Headers.Authorization = "SharedKey acct:bm90IGEgc2lnbmF0dXJlLCBub3QgYSBzaWduYXR1cmU=";
        var caller = CallerConnection.Of(context);
        return steps.Guard.Check(context) is null
            && steps.Router.TryRead(context, out var request, out _)
            && steps.Signature.Check(ref request, caller) is null
            && steps.Rewriter.TryPlan(request, out var plan, out _)
            && (steps.Signature.CheckSource(request, plan.CopySource, caller) ?? steps.Policy.Check(request, plan.CopySource)) is null
            ? true
            : throw new InvalidOperationException("The request was refused.");
    }
}
