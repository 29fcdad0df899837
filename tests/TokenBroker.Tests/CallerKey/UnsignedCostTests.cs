using Microsoft.AspNetCore.Http;
using TokenBroker.Proxy;
using TokenBroker.Proxy.Addressing;
using TokenBroker.Proxy.CallerKey;
using Xunit;

namespace TokenBroker.Tests.CallerKey;

/// <summary>A caller without the key makes the sidecar write every text that could have been signed: that must stay cheap.</summary>
public class UnsignedCostTests
{
    private static readonly UpstreamAccount Account = new(new() { Name = "acct", Endpoint = new("https://acct.blob.core.windows.net") }, null!, null!, null!);

    /// <summary>Names that every order sorts differently, values that have two encodings, and two dates: as many texts as there can be.</summary>
    private static BlobRequest Request(int count)
    {
        var headers = new HeaderDictionary();
        foreach (var i in Enumerable.Range(0, count))
            headers[$"x-ms-meta-{i % 7}_{i}-{count - i}a_b"] = "\u00fc";
        headers["x-ms-date"] = "Thu, 01 Jan 2026 00:00:00 GMT";
        headers["Date"] = "Fri, 02 Jan 2026 00:00:00 GMT";
        return new(Account, false, "GET", "/acct/c/b", new("/c/b"), BlobQuery.Empty, headers);
    }

    [Fact]
    public void Texts_of_950_headers_allocate_little_more_than_their_own_bytes()
    {
        foreach (var text in SharedKeyText.Of(Request(10)))
            Assert.NotEmpty(text);
        var (request, before, bytes, texts) = (Request(950), GC.GetAllocatedBytesForCurrentThread(), 0L, 0);

        foreach (var text in SharedKeyText.Of(request))
            (bytes, texts) = (bytes + text.Length, texts + 1);

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        TestContext.Current.TestOutputHelper?.WriteLine($"{texts} texts, {bytes} bytes, {allocated} allocated");
        Assert.InRange(texts, 8, 12);
        Assert.InRange(allocated, bytes, 10 * bytes);
    }
}
