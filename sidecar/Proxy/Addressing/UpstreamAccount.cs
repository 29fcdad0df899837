using TokenBroker.Configuration;
using TokenBroker.Tokens;

namespace TokenBroker.Proxy.Addressing;

/// <summary>One account that is served: its endpoints, its token and its connections to storage.</summary>
internal sealed class UpstreamAccount(AccountOptions options, TokenEntry token, HttpMessageInvoker client, HttpMessageInvoker unpooled) : IDisposable
{
    public string Name => options.Name;
    public Uri Endpoint => options.Endpoint;
    public Uri? SecondaryEndpoint => options.SecondaryEndpoint;
    public AccountOptions Options => options;
    public TokenEntry Token => token;
    public HttpMessageInvoker Client => client;

    /// <summary>Makes a new connection for each request.</summary>
    public HttpMessageInvoker UnpooledClient => unpooled;

    public void Dispose()
    {
        client.Dispose();
        unpooled.Dispose();
    }
}
