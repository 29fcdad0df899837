using TokenBroker.Configuration;
using TokenBroker.Tokens;

namespace TokenBroker.Proxy;

/// <summary>One account that is served: its endpoints, its token and its connections to storage.</summary>
internal sealed class UpstreamAccount(AccountOptions options, TokenEntry token, HttpMessageInvoker client) : IDisposable
{
    public string Name => options.Name;
    public Uri Endpoint => options.Endpoint;
    public Uri? SecondaryEndpoint => options.SecondaryEndpoint;
    public AccountOptions Options => options;
    public TokenEntry Token => token;
    public HttpMessageInvoker Client => client;

    public void Dispose() => client.Dispose();
}
