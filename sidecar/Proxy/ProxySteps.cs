using TokenBroker.Proxy.Addressing;
using TokenBroker.Proxy.CallerKey;
using TokenBroker.Proxy.Policy;
using TokenBroker.Proxy.Rewriting;

namespace TokenBroker.Proxy;

/// <summary>The steps of a request that <see cref="ProxyEndpoint"/> calls, in their order.</summary>
internal sealed record ProxySteps(
    CallerGuard Guard, Router Router, CallerSignature Signature, RequestRewriter Rewriter, PolicyGuard Policy, BodyRewriter Bodies, StorageForwarder Forwarder);
