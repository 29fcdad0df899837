using Microsoft.AspNetCore.Http;
using TokenBroker.Proxy;
using TokenBroker.Proxy.Addressing;

namespace TokenBroker.Tests.Proxy;

/// <summary>A reading of a request of the account <c>acct</c>, made as for a request that came in.</summary>
internal static class TestRequest
{
    public static readonly UpstreamAccount Account = new(new() { Name = "acct", Endpoint = new("https://acct.blob.core.windows.net") }, null!, null!, null!);

    /// <param name="method">The method.</param>
    /// <param name="target">Path and query behind the account.</param>
    /// <param name="headers">The headers.</param>
    public static BlobRequest Of(string method, string target, params (string Name, string Value)[] headers)
    {
        var dictionary = new HeaderDictionary();
        foreach (var (name, value) in headers)
            dictionary[name] = value;
        var (path, query) = BlobQuery.OfTarget(target);
        return new(Account, false, method, path, new(path), query, dictionary);
    }
}
