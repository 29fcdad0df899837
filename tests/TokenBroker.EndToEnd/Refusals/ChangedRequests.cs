using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;

namespace TokenBroker.EndToEnd.Refusals;

/// <summary>Clients of the real SDK whose requests are changed behind its back.</summary>
internal static class ChangedRequests
{
    public static BlobClientOptions Plain() => new() { Retry = { MaxRetries = 0 } };

    public static BlobClientOptions WithHost(string host)
    {
        var options = Plain();
        options.AddPolicy(new HostPolicy(host), HttpPipelinePosition.PerCall);
        return options;
    }

    /// <summary>Sends the target as given: the SDK itself would resolve its dot segments.</summary>
    public static BlobClientOptions WithRawTarget(string target)
    {
        var options = Plain();
        options.Transport = new HttpClientTransport(new TargetHandler(target));
        return options;
    }

    private sealed class HostPolicy(string host) : HttpPipelineSynchronousPolicy
    {
        public override void OnSendingRequest(HttpMessage message) => message.Request.Headers.SetValue("Host", host);
    }

    private sealed class TargetHandler(string target) : DelegatingHandler(new SocketsHttpHandler { UseProxy = false })
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var address = request.RequestUri!.GetLeftPart(UriPartial.Authority) + target;
            request.RequestUri = new Uri(address, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
            return base.SendAsync(request, cancellationToken);
        }
    }
}
