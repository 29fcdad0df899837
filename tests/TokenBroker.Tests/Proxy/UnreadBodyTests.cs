using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using TokenBroker.Proxy.Bodies;
using Xunit;

namespace TokenBroker.Tests.Proxy;

public class UnreadBodyTests
{
    private sealed class HasBody : IHttpRequestBodyDetectionFeature
    {
        public bool CanHaveBody => true;
    }

    private static DefaultHttpContext Request(Stream body, bool expects)
    {
        var context = new DefaultHttpContext();
        context.Features.Set<IHttpRequestBodyDetectionFeature>(new HasBody());
        context.Request.Body = body;
        if (expects)
            context.Request.Headers.Expect = "100-continue";
        return context;
    }

    [Fact]
    public async Task Who_sends_without_asking_is_read_to_the_end()
    {
        var body = new MemoryStream(new byte[100_000]);

        await UnreadBody.DiscardAsync(Request(body, expects: false), TimeProvider.System);

        Assert.Equal(body.Length, body.Position);
    }

    [Fact]
    public async Task Who_still_waits_for_100_Continue_sends_nothing_and_is_not_read()
    {
        var body = new MemoryStream(new byte[100_000]);
        var context = Request(body, expects: true);
        WatchedBody.On(context);

        await UnreadBody.DiscardAsync(context, TimeProvider.System);

        Assert.Equal(0, body.Position);
    }

    [Fact]
    public async Task Who_was_told_to_continue_is_sending_and_is_read_to_the_end()
    {
        var body = new MemoryStream(new byte[100_000]);
        var context = Request(body, expects: true);
        WatchedBody.On(context);
        await context.Request.Body.ReadExactlyAsync(new byte[10], TestContext.Current.CancellationToken); // the server said 100 Continue at this

        await UnreadBody.DiscardAsync(context, TimeProvider.System);

        Assert.Equal(body.Length, body.Position);
    }

    [Fact]
    public async Task Request_whose_client_is_gone_is_aborted_and_not_read_further()
    {
        var context = Request(new BrokenOff(), expects: false);
        var life = new Lifetime();
        context.Features.Set<IHttpRequestLifetimeFeature>(life);

        await UnreadBody.DiscardAsync(context, TimeProvider.System);

        Assert.True(life.IsAborted);
    }

    private sealed class Lifetime : IHttpRequestLifetimeFeature
    {
        public bool IsAborted { get; private set; }

        public CancellationToken RequestAborted { get; set; }

        public void Abort() => IsAborted = true;
    }

    private sealed class BrokenOff : ReadOnlyStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => throw new ConnectionResetException("reset");
    }
}
