using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using TokenBroker.Tests.Tokens;
using TokenBroker.TestSupport;
using TokenBroker.Upstream;
using Xunit;

namespace TokenBroker.Tests.Upstream;

public class NameLookupTests
{
    private const string Host = "acct.blob.example";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly IPAddress[] First = [IPAddress.Parse("192.0.2.1")];
    private static readonly IPAddress[] Second = [IPAddress.Parse("192.0.2.2")];

    private readonly TestClock _clock = new();
    private readonly ConcurrentQueue<TaskCompletionSource<IPAddress[]>> _asked = [];
    private readonly NameLookup _names;

    public NameLookupTests() => _names = new(
        (_, cancellation) =>
        {
            Assert.False(cancellation.CanBeCanceled);
            var answer = new TaskCompletionSource<IPAddress[]>(TaskCreationOptions.RunContinuationsAsynchronously);
            _asked.Enqueue(answer);
            return answer.Task;
        },
        _clock, NullLogger<NameLookup>.Instance);

    [Fact]
    public async Task Callers_at_the_same_time_share_one_lookup_and_one_that_gives_up_cancels_nothing()
    {
        using var impatient = new CancellationTokenSource();
        var gone = ResolveAsync(impatient.Token);
        var others = Enumerable.Range(0, 30).Select(_ => ResolveAsync()).ToList();
        await AskedAsync(1);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);

        _asked.Single().SetResult(First);

        Assert.All(await Task.WhenAll(others), answer => Assert.Equal(First, answer));
        Assert.Single(_asked);
    }

    [Fact]
    public async Task Answer_is_kept_for_a_short_time()
    {
        await AnsweredAsync(First);
        _clock.Advance(NameLookup.MaxAge - TimeSpan.FromMilliseconds(1));
        Assert.Equal(First, await ResolveAsync());
        Assert.Single(_asked);

        _clock.Advance(TimeSpan.FromMilliseconds(1));
        var next = ResolveAsync();
        await AskedAsync(2);
        _asked.Last().SetResult(Second);

        Assert.Equal(Second, await next);
    }

    [Fact]
    public async Task Failed_lookup_without_an_earlier_answer_is_told_to_each_caller_and_the_next_one_asks_again()
    {
        var callers = new[] { ResolveAsync(), ResolveAsync() };
        await AskedAsync(1);
        _asked.Single().SetException(new SocketException((int)SocketError.HostNotFound));
        foreach (var caller in callers)
            Assert.Equal(SocketError.HostNotFound, (await Assert.ThrowsAsync<SocketException>(() => caller)).SocketErrorCode);

        var next = ResolveAsync();
        await AskedAsync(2);
        _asked.Last().SetResult(First);
        Assert.Equal(First, await next);
    }

    [Fact]
    public async Task Answer_without_addresses_is_a_failure()
    {
        var caller = ResolveAsync();
        await AskedAsync(1);
        _asked.Single().SetResult([]);
        Assert.Equal(SocketError.NoData, (await Assert.ThrowsAsync<SocketException>(() => caller)).SocketErrorCode);
    }

    [Theory]
    [InlineData(SocketError.TryAgain)]
    [InlineData(SocketError.HostNotFound)]
    public async Task Last_good_addresses_serve_while_DNS_fails_and_are_replaced_when_it_succeeds(SocketError failure)
    {
        await AnsweredAsync(First);
        for (var round = 2; round < 5; round++)
        {
            var callers = new List<Task<IReadOnlyList<IPAddress>>>();
            await Wait.UntilAsync(() =>
            {
                _clock.Advance(NameLookup.MaxAge);
                callers.Add(ResolveAsync());
                return _asked.Count == round;
            }, Limit, $"DNS was asked {round} times");
            _asked.Last().SetException(new SocketException((int)failure));
            Assert.All(await Task.WhenAll(callers), addresses => Assert.Equal(First, addresses));
        }

        var later = new List<Task<IReadOnlyList<IPAddress>>>();
        await Wait.UntilAsync(() =>
        {
            _clock.Advance(NameLookup.MaxAge);
            later.Add(ResolveAsync());
            foreach (var asked in _asked)
                asked.TrySetResult(Second);
            return later.Any(caller => caller.IsCompletedSuccessfully && caller.Result.SequenceEqual(Second));
        }, Limit, "the new address is used");
    }

    [Fact]
    public async Task Last_good_addresses_serve_when_DNS_takes_longer_than_a_second_and_only_the_first_caller_waits()
    {
        await AnsweredAsync(First);
        _clock.Advance(NameLookup.MaxAge);
        var waiting = ResolveAsync();
        await AskedAsync(2);
        Assert.False(waiting.IsCompleted);

        // The caller's wait may begin only now.
        await Wait.UntilAsync(() =>
        {
            _clock.Advance(NameLookup.MaxWait);
            return waiting.IsCompleted;
        }, Limit, "the caller has the last good address");

        Assert.Equal(First, await waiting);
        var next = ResolveAsync();
        Assert.True(next.IsCompleted);
        Assert.Equal(First, await next);
        _asked.Last().SetResult(Second);
        await Wait.UntilAsync(async () => (await ResolveAsync()).SequenceEqual(Second), Limit, "the late answer is used");
        Assert.Equal(2, _asked.Count);
    }

    [Fact]
    public async Task Addresses_that_nothing_answered_at_are_looked_up_again_at_once()
    {
        await AnsweredAsync(First);
        _names.Expire(Host);
        var next = ResolveAsync();
        await AskedAsync(2);
        _asked.Last().SetResult(Second);
        Assert.Equal(Second, await next);
    }

    [Theory]
    [InlineData("192.0.2.1")]
    [InlineData("::1")]
    [InlineData("[::ffff:0.0.0.0]")]
    public async Task Address_is_not_looked_up(string host)
    {
        Assert.Equal([IPAddress.Parse(host)], await _names.ResolveAsync(host, CancellationToken.None));
        Assert.Empty(_asked);
    }

    private Task<IReadOnlyList<IPAddress>> ResolveAsync(CancellationToken cancellation = default) => _names.ResolveAsync(Host, cancellation).AsTask();

    private async Task AnsweredAsync(IPAddress[] addresses)
    {
        var caller = ResolveAsync();
        await AskedAsync(1);
        _asked.Single().SetResult(addresses);
        Assert.Equal(addresses, await caller);
    }

    private Task AskedAsync(int times) => Wait.UntilAsync(() => _asked.Count == times, Limit, $"DNS was asked {times} times");
}
