using System.IO.Pipelines;
using TokenBroker.Proxy.Bodies;
using Xunit;

namespace TokenBroker.Tests.Proxy;

public class WatchedBodyTests
{
    private readonly Pipe _pipe = new();
    private readonly byte[] _buffer = new byte[8];

    [Fact]
    public async Task Read_that_is_given_up_leaves_what_comes_then_to_the_next()
    {
        var body = new WatchedBody(_pipe.Reader);
        using var end = new CancellationTokenSource();
        var given = body.ReadAsync(_buffer, end.Token).AsTask();
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);

        await _pipe.Writer.WriteAsync("abc"u8.ToArray(), TestContext.Current.CancellationToken);
        await _pipe.Writer.CompleteAsync();

        Assert.Equal(3, await body.ReadAsync(_buffer, TestContext.Current.CancellationToken));
        Assert.Equal(0, await body.ReadAsync(_buffer, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Cancellation_that_came_too_late_for_its_read_does_not_end_the_next()
    {
        var body = new WatchedBody(_pipe.Reader);
        _pipe.Reader.CancelPendingRead();
        var reading = body.ReadAsync(_buffer, TestContext.Current.CancellationToken).AsTask();

        await _pipe.Writer.WriteAsync("abc"u8.ToArray(), TestContext.Current.CancellationToken);

        Assert.Equal(3, await reading);
    }

    [Fact]
    public async Task Body_is_read_in_pieces_no_larger_than_asked_for()
    {
        var body = new WatchedBody(_pipe.Reader);
        await _pipe.Writer.WriteAsync("0123456789"u8.ToArray(), TestContext.Current.CancellationToken);
        await _pipe.Writer.CompleteAsync();

        Assert.True(body.IsUntouched);
        Assert.Equal(8, await body.ReadAsync(_buffer, TestContext.Current.CancellationToken));
        Assert.Equal("01234567"u8.ToArray(), _buffer);
        Assert.Equal(2, await body.ReadAsync(_buffer, TestContext.Current.CancellationToken));
        Assert.False(body.IsUntouched);
    }
}
