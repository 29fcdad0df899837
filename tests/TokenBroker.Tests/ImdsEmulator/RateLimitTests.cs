using TokenBroker.Imds;
using TokenBroker.Imds.Faults;
using Xunit;

namespace TokenBroker.Tests.Emulator;

public sealed class RateLimitTests
{
    private readonly SteppedClock _clock = new();

    [Fact]
    public async Task The_twenty_first_request_within_a_second_is_throttled_and_the_next_second_is_free()
    {
        await using var emulator = await StartAsync(new());
        using var client = new EmulatorClient(emulator);

        var first = await StatusesAsync(client, 21);
        _clock.Advance(TimeSpan.FromMilliseconds(999));
        var early = await client.TokenAsync();
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        var second = await StatusesAsync(client, 21);

        Assert.Equal([.. Enumerable.Repeat(200, 20), 429], first);
        Assert.Equal((429, "too_many_requests", "Too many requests"), (early.Status, early.Error, early.Description));
        Assert.False(early.Headers.ContainsKey("Retry-After"));
        Assert.Equal([.. Enumerable.Repeat(200, 20), 429], second);
    }

    [Fact]
    public async Task A_refused_request_uses_the_limit_up_but_another_path_does_not()
    {
        await using var emulator = await StartAsync(new() { RateLimit = new() { PerSecond = 1 } });
        using var client = new EmulatorClient(emulator);

        var elsewhere = await client.SendAsync(HttpMethod.Get, "/metadata/instance", [("Metadata", "true")]);
        var refused = await client.SendAsync(HttpMethod.Get, "/metadata/identity/oauth2/token", []);
        var throttled = await client.TokenAsync();
        var still = await client.SendAsync(HttpMethod.Get, "/metadata/instance", [("Metadata", "true")]);

        Assert.Equal([404, 400, 429, 404], [elsewhere.Status, refused.Status, throttled.Status, still.Status]);
    }

    [Fact]
    public async Task The_sixth_request_at_once_is_throttled_and_a_finished_one_makes_room()
    {
        await using var emulator = await StartAsync(new());
        using var client = new EmulatorClient(emulator);
        using var held = emulator.Inject(Fault.Of(FaultKind.Hang) with { Count = 5 });

        var hanging = Enumerable.Range(0, 5).Select(_ => client.TokenAsync()).ToArray();
        await emulator.WaitForRequestsAsync(5).WaitAsync(EmulatorClient.Patience);
        var sixth = await client.TokenAsync();
        held.Clear();
        await Task.WhenAll(hanging);
        var after = await client.TokenAsync();

        Assert.Equal((429, 200), (sixth.Status, after.Status));
        var concurrency = emulator.Requests.Select(r => r.Concurrency).ToArray();
        Assert.Equal([1, 2, 3, 4, 5], concurrency[..5].Order());
        Assert.Equal([6, 1], concurrency[5..]);
    }

    [Fact]
    public async Task A_throttled_answer_says_when_to_come_back_only_if_told_to()
    {
        await using var emulator = await StartAsync(new() { RateLimit = new() { PerSecond = 1, RetryAfter = TimeSpan.FromMilliseconds(1500) } });
        using var client = new EmulatorClient(emulator);

        await client.TokenAsync();
        var throttled = await client.TokenAsync();

        Assert.Equal((429, "2"), (throttled.Status, throttled.Headers["Retry-After"]));
    }

    [Fact]
    public async Task Without_a_limit_nothing_is_throttled()
    {
        await using var emulator = await StartAsync(new() { RateLimit = null });
        using var client = new EmulatorClient(emulator);

        Assert.All(await StatusesAsync(client, 60), status => Assert.Equal(200, status));
    }

    private Task<ImdsEmulator> StartAsync(ImdsEmulatorOptions options) => ImdsEmulator.StartAsync(options with { TimeProvider = _clock });

    private static async Task<List<int>> StatusesAsync(EmulatorClient client, int count)
    {
        var statuses = new List<int>();
        while (statuses.Count < count)
            statuses.Add((await client.TokenAsync()).Status);
        return statuses;
    }
}
