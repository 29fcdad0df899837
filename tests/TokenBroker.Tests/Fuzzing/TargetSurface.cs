using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using TokenBroker.Proxy;
using TokenBroker.Proxy.CallerKey;
using TokenBroker.Proxy.Rewriting;

namespace TokenBroker.Tests.Fuzzing;

/// <summary>
/// Targets and headers, through the steps that <see cref="ProxyEndpoint"/> calls, up to the message that would be sent. What is
/// not refused must be for the account's own address, byte for byte what the client asked for, and within the policy by
/// every reading.
/// </summary>
internal sealed class TargetSurface() : FuzzSurface<TargetCase>("targets", weight: 5, TargetCase.Any)
{
    public override FuzzVerdict Execute(TargetCase one)
    {
        var broker = FuzzedBroker.Of(one.Policy);
        var context = ContextOf(one);
        if (broker.Steps.Guard.Check(context) is not null
            || !broker.Steps.Router.TryRead(one.Method, one.Target, context.Request.Headers.Host.ToString(), context.Request.Headers, out var request, out _))
            return FuzzVerdict.Unread;
        var caller = CallerConnection.Of(context);
        if (broker.Steps.Signature.Check(ref request, caller) is not null || !broker.Steps.Rewriter.TryPlan(request, out var plan, out _)
            || (broker.Steps.Signature.CheckSource(request, plan.CopySource, caller) ?? broker.Steps.Policy.Check(request, plan.CopySource)) is not null)
            return FuzzVerdict.Refused;
        plan.Authorize(context, broker.TokenOf(request.Account.Token), plan.Source is { } source ? broker.TokenOf(source) : null);
        using var sent = new HttpRequestMessage(new(one.Method), "https://address.invalid/") { Content = new ByteArrayContent([]) };
        plan.TransformRequestAsync(context, sent, "https://address.invalid/", CancellationToken.None).AsTask().GetAwaiter().GetResult();
        SentRequest.Of(sent, one.Method).Check(broker.Policy, one.Target, one.Host, isBatch: IsGathered(broker, context, request, plan));
        return FuzzVerdict.Accepted;
    }

    /// <summary>True if the body would be read as a batch: an empty one is then none.</summary>
    private static bool IsGathered(FuzzedBroker broker, HttpContext context, BlobRequest request, StorageRequest plan) =>
        context.Request.Method == "POST" && broker.Steps.Bodies.GatherAsync(context, request, plan, part => broker.Steps.Policy.Check(part)).GetAwaiter().GetResult() is not null;

    /// <summary>As the server hands it over: several values of one name together, in their order.</summary>
    internal static DefaultHttpContext ContextOf(TargetCase one)
    {
        var context = new DefaultHttpContext();
        var question = one.Target.IndexOf('?', StringComparison.Ordinal);
        var request = context.Features.GetRequiredFeature<IHttpRequestFeature>();
        (request.Method, request.Scheme, request.Protocol, request.RawTarget) = (one.Method, "http", "HTTP/1.1", one.Target);
        request.QueryString = question < 0 ? "" : one.Target[question..];
        context.Connection.RemoteIpAddress = IPAddress.Loopback;
        context.Connection.LocalPort = FuzzedBroker.Port;
        context.Request.Headers.Host = one.Host;
        foreach (var header in one.Headers)
        {
            context.Request.Headers[header[0]] = context.Request.Headers.TryGetValue(header[0], out var values)
                ? Microsoft.Extensions.Primitives.StringValues.Concat(values, header[1])
                : header[1];
        }

        return context;
    }
}
