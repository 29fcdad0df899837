using TokenBroker.Proxy.Bodies;
using Xunit;

namespace TokenBroker.Tests.Proxy;

public class PeekedBodyTests
{
    private static readonly byte[] Content = [.. Enumerable.Range(0, 1000).Select(i => (byte)i)];

    private sealed class OwnedStream(byte[] content) : MemoryStream(content)
    {
        public bool IsDisposed { get; private set; }

        protected override void Dispose(bool disposing)
        {
            IsDisposed = true;
            base.Dispose(disposing);
        }
    }

    [Theory]
    [InlineData(10)]
    [InlineData(1000)]
    [InlineData(5000)]
    public async Task Body_is_whole_again_however_much_of_it_was_looked_at(int most)
    {
        var body = await PeekedBody.ReadAsync(new StreamContent(new OwnedStream(Content)), most, TestContext.Current.CancellationToken);

        Assert.Equal(Content[..Math.Min(most, 1000)], body.Beginning.ToArray());
        Assert.Equal(Content, await body.AsContent().ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Storages_stream_ends_with_the_content_that_relays_it_and_gives_its_connection_back()
    {
        var stream = new OwnedStream(Content);
        var body = await PeekedBody.ReadAsync(new StreamContent(stream), 10, TestContext.Current.CancellationToken);

        (await body.AsContent().ReadAsStreamAsync(TestContext.Current.CancellationToken)).Dispose();

        Assert.True(stream.IsDisposed);
    }
}
