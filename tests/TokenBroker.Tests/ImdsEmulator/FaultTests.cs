using System.Globalization;
using System.Net.Sockets;
using System.Text;
using TokenBroker.Imds;
using Xunit;

namespace TokenBroker.Tests.Emulator;

public sealed class FaultTests : IAsyncLifetime
{
    private static readonly EmulatedIdentity Backup = EmulatedIdentity.User("backup");

    private readonly SteppedClock _clock = new();
    private ImdsEmulator _emulator = null!;
    private EmulatorClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _emulator = await ImdsEmulator.StartAsync(new()
        {
            Identities = [EmulatedIdentity.System(), Backup],
            TokenLifetime = TimeSpan.FromHours(1),
            RateLimit = null,
            TimeProvider = _clock,
        });
        _client = new(_emulator);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _emulator.DisposeAsync();
    }

    [Theory]
    [InlineData(400, "invalid_request")]
    [InlineData(403, "access_denied")]
    [InlineData(404, "not_found")]
    [InlineData(410, "gone")]
    [InlineData(429, "too_many_requests")]
    [InlineData(500, "unknown")]
    [InlineData(503, "unknown")]
    public async Task A_status_is_answered_with_an_error_body_and_no_Retry_After(int status, string error)
    {
        _emulator.Inject(Fault.Answer(status));

        var reply = await _client.TokenAsync();

        Assert.Equal((status, error), (reply.Status, reply.Error));
        Assert.NotEmpty(reply.Description!);
        Assert.False(reply.Headers.ContainsKey("Retry-After"));
    }

    [Fact]
    public async Task A_status_may_carry_its_own_error_code_and_description()
    {
        _emulator.Inject(Fault.Answer(401) with { Error = "unauthorized_client", ErrorDescription = "it's off" });

        Assert.Equal("""{"error":"unauthorized_client","error_description":"it's off"}""", (await _client.TokenAsync()).Body);
    }

    [Fact]
    public async Task Retry_After_comes_as_seconds_rounded_up()
    {
        _emulator.Inject(Fault.Answer(429, retryAfter: TimeSpan.FromSeconds(4.2)));

        Assert.Equal("5", (await _client.TokenAsync()).Headers["Retry-After"]);
        Assert.Equal("5", Assert.Single(_emulator.Requests).RetryAfter);
    }

    [Fact]
    public async Task Retry_After_comes_as_a_date_when_asked_for()
    {
        _emulator.Inject(Fault.Answer(503, retryAfter: TimeSpan.FromSeconds(30), asDate: true));

        var date = DateTimeOffset.ParseExact((await _client.TokenAsync()).Headers["Retry-After"], "R", CultureInfo.InvariantCulture);

        Assert.Equal(SteppedClock.Start + TimeSpan.FromSeconds(30), date);
    }

    [Fact]
    public async Task A_delay_holds_the_answer_for_its_time()
    {
        _emulator.Inject(Fault.Delayed(TimeSpan.FromSeconds(2)));

        var request = _client.TokenAsync();
        await DelayedAsync();
        _clock.Advance(TimeSpan.FromSeconds(1.9));
        Assert.Equal(RequestOutcome.Pending, _emulator.Requests[0].Outcome);
        _clock.Advance(TimeSpan.FromSeconds(0.1));

        Assert.Equal(200, (await request).Status);
    }

    [Fact]
    public async Task A_delay_of_two_real_seconds_is_at_least_that_long()
    {
        await using var emulator = await ImdsEmulator.StartAsync();
        using var client = new EmulatorClient(emulator);
        emulator.Inject(Fault.Delayed(TimeSpan.FromSeconds(2)));

        await client.TokenAsync();

        var request = Assert.Single(emulator.Requests);
        Assert.InRange((request.AnsweredAt - request.ReceivedAt)!.Value, TimeSpan.FromSeconds(1.98), EmulatorClient.Patience);
    }

    [Fact]
    public async Task A_delay_may_precede_any_fault()
    {
        _emulator.Inject(Fault.Answer(500) with { Delay = TimeSpan.FromSeconds(2) });

        var request = _client.TokenAsync();
        await DelayedAsync();
        _clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(500, (await request).Status);
    }

    [Fact]
    public async Task A_hang_lasts_until_it_is_cleared_and_then_answers()
    {
        var fault = _emulator.Inject(Fault.Of(FaultKind.Hang));

        var request = _client.TokenAsync();
        await HeldAsync(1);
        _clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(RequestOutcome.Pending, _emulator.Requests[0].Outcome);
        fault.Clear();

        Assert.Equal(200, (await request).Status);
        Assert.Equal(200, (await _client.TokenAsync()).Status);
    }

    [Fact]
    public async Task A_hang_that_is_used_up_still_holds_until_faults_are_cleared()
    {
        _emulator.Inject(Fault.Of(FaultKind.Hang) with { Count = 1 });

        var held = _client.TokenAsync();
        await HeldAsync(1);
        Assert.Equal(200, (await _client.TokenAsync()).Status);
        Assert.Equal(RequestOutcome.Pending, _emulator.Requests[0].Outcome);
        _emulator.ClearFaults();

        Assert.Equal(200, (await held).Status);
        Assert.Empty(_emulator.Faults);
    }

    [Fact]
    public async Task A_reset_reaches_the_socket_as_a_reset_and_not_as_an_end()
    {
        _emulator.Inject(Fault.Of(FaultKind.Reset));

        var (received, error) = await RawAsync();

        Assert.Equal(("", SocketError.ConnectionReset), (received, error));
        var request = Assert.Single(_emulator.Requests);
        Assert.Equal((RequestOutcome.Reset, null), (request.Outcome, request.Status));
    }

    [Fact]
    public async Task A_cut_body_announces_more_than_it_sends_and_ends_in_a_reset()
    {
        _emulator.Inject(Fault.Of(FaultKind.CutBody));

        var (received, _) = await RawAsync();

        Assert.StartsWith("HTTP/1.1 200 OK", received);
        var announced = int.Parse(received.Split("Content-Length: ")[1].Split("\r\n")[0], CultureInfo.InvariantCulture);
        Assert.InRange(received.Split("\r\n\r\n")[1].Length, 1, announced - 1);
    }

    [Fact]
    public async Task Garbage_is_a_page_with_status_200()
    {
        _emulator.Inject(Fault.Of(FaultKind.Garbage));

        var reply = await _client.TokenAsync();

        Assert.Equal((200, "text/html"), (reply.Status, reply.Headers["Content-Type"]));
        Assert.StartsWith("<!DOCTYPE html>", reply.Body);
    }

    [Fact]
    public async Task Truncated_JSON_is_a_complete_answer_that_stops_within_the_token()
    {
        _emulator.Inject(Fault.Of(FaultKind.TruncatedJson));

        var reply = await _client.TokenAsync();

        Assert.Equal((200, $"{reply.Body.Length}"), (reply.Status, reply.Headers["Content-Length"]));
        Assert.ThrowsAny<System.Text.Json.JsonException>(() => reply.Json);
        Assert.StartsWith("{\"access_token\":\"" + _emulator.Tokens[0].Value[..40], reply.Body);
        Assert.Equal(_emulator.Tokens[0].Id, _emulator.Requests[0].TokenId);
    }

    [Fact]
    public async Task An_empty_token_looks_like_a_success_in_all_else()
    {
        _emulator.Inject(Fault.Of(FaultKind.EmptyToken));

        var reply = await _client.TokenAsync();

        Assert.Equal((200, "", "3600"), (reply.Status, reply.Token, reply.Text("expires_in")));
        Assert.Null(_emulator.Requests[0].TokenId);
    }

    [Fact]
    public async Task An_expired_token_ended_a_minute_ago_and_is_not_repeated_later()
    {
        _emulator.Inject(Fault.Of(FaultKind.ExpiredToken) with { Count = 1 });

        var expired = await _client.TokenAsync();
        var good = await _client.TokenAsync();

        Assert.Equal((200, "0"), (expired.Status, expired.Text("expires_in")));
        Assert.Equal((SteppedClock.Start - TimeSpan.FromMinutes(1)).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), expired.Text("expires_on"));
        Assert.Equal((200, "3600"), (good.Status, good.Text("expires_in")));
        Assert.NotEqual(expired.Token, good.Token);
    }

    [Fact]
    public async Task The_same_token_comes_again_even_when_little_of_it_is_left()
    {
        var first = await _client.TokenAsync();
        _emulator.Inject(Fault.Of(FaultKind.SameToken) with { Count = 1 });
        _clock.Advance(TimeSpan.FromMinutes(59));

        var same = await _client.TokenAsync();
        var next = await _client.TokenAsync();

        Assert.Equal((first.Token, "60"), (same.Token, same.Text("expires_in")));
        Assert.NotEqual(first.Token, next.Token);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(-10)]
    public async Task A_skewed_clock_moves_every_time_of_the_answer_but_not_the_length_of_life(int minutes)
    {
        _emulator.Inject(Fault.Skewed(TimeSpan.FromMinutes(minutes)) with { Count = 1 });

        var skewed = await _client.TokenAsync();

        var clock = SteppedClock.Start + TimeSpan.FromMinutes(minutes);
        Assert.Equal((clock + TimeSpan.FromHours(1)).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), skewed.Text("expires_on"));
        Assert.Equal("3600", skewed.Text("expires_in"));
        Assert.Equal(clock.ToString("R", CultureInfo.InvariantCulture), skewed.Headers["Date"]);
        Assert.Equal(clock, Assert.Single(_emulator.Tokens).IssuedAt);
        Assert.NotEqual(skewed.Token, (await _client.TokenAsync()).Token);
    }

    [Fact]
    public async Task A_fault_of_one_identity_leaves_the_others_alone()
    {
        foreach (var name in new[] { Backup.Name, Backup.ClientId.ToString(), Backup.ObjectId.ToString(), Backup.ResourceId })
        {
            using var fault = _emulator.Inject(Fault.Answer(500) with { Identity = name });

            Assert.Equal(200, (await _client.TokenAsync()).Status);
            Assert.Equal(500, (await _client.TokenAsync($"&client_id={Backup.ClientId}")).Status);
        }
    }

    [Fact]
    public async Task A_fault_with_a_count_meets_that_many_requests_even_at_once()
    {
        var fault = _emulator.Inject(Fault.Answer(500) with { Count = 7 });

        var statuses = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ => (await _client.TokenAsync()).Status));

        Assert.Equal((7, 13), (statuses.Count(s => s == 500), statuses.Count(s => s == 200)));
        Assert.Equal((7, false), (fault.Met, fault.IsActive));
    }

    [Fact]
    public async Task A_fault_with_a_duration_ends_by_the_clock_and_releases_what_it_holds()
    {
        _emulator.Inject(Fault.Of(FaultKind.Hang) with { Duration = TimeSpan.FromSeconds(30) });

        var request = _client.TokenAsync();
        await HeldAsync(1);
        _clock.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(200, (await request).Status);
        Assert.Equal(200, (await _client.TokenAsync()).Status);
        Assert.Empty(_emulator.Faults);
    }

    [Fact]
    public async Task Faults_are_met_in_the_order_of_injection()
    {
        _emulator.Inject(Fault.Answer(429) with { Count = 2 });
        _emulator.Inject(Fault.Answer(500) with { Count = 1 });

        int[] statuses = [await StatusAsync(), await StatusAsync(), await StatusAsync(), await StatusAsync()];

        Assert.Equal([429, 429, 500, 200], statuses);
        Assert.Equal([1, 1, 2, null], _emulator.Requests.Select(r => r.FaultId));
    }

    [Fact]
    public async Task A_request_that_would_be_refused_anyway_uses_no_fault_up()
    {
        var fault = _emulator.Inject(Fault.Answer(500) with { Count = 1 });

        var refused = await _client.SendAsync(HttpMethod.Get, "/metadata/identity/oauth2/token", []);

        Assert.Equal((400, 0), (refused.Status, fault.Met));
        Assert.Equal(500, await StatusAsync());
    }

    public static TheoryData<Fault> Nonsense =>
    [
        Fault.Answer(200), Fault.Of(FaultKind.Status), Fault.Of(FaultKind.Delay), Fault.Of(FaultKind.ClockSkew),
        Fault.Of(FaultKind.Reset) with { Count = 0 }, Fault.Of(FaultKind.Reset) with { Duration = TimeSpan.Zero },
        Fault.Of(FaultKind.Reset) with { Status = 500 }, Fault.Of(FaultKind.Hang) with { RetryAfter = TimeSpan.FromSeconds(1) },
        Fault.Answer(429, asDate: true), Fault.Delayed(TimeSpan.FromSeconds(-1)), Fault.Of(FaultKind.Hang) with { Skew = TimeSpan.FromSeconds(1) },
    ];

    [Theory]
    [MemberData(nameof(Nonsense))]
    public void A_fault_that_makes_no_sense_is_refused(Fault fault) => Assert.Throws<ArgumentException>(() => _emulator.Inject(fault));

    private async Task<int> StatusAsync() => (await _client.TokenAsync()).Status;

    /// <summary>Until that many requests have met a fault that holds them.</summary>
    private Task HeldAsync(int count) => _emulator
        .WaitForAsync(requests => requests.Count(r => r.FaultId is not null && r.Outcome == RequestOutcome.Pending) == count)
        .WaitAsync(EmulatorClient.Patience);

    /// <summary>Until a delay has begun, so that the clock may move on.</summary>
    private Task DelayedAsync() => _clock.WaitForTimersAsync(1).WaitAsync(EmulatorClient.Patience);

    /// <summary>What a socket sees, with nothing of HTTP's comfort: the text until the end, and the error at the end.</summary>
    private async Task<(string Text, SocketError Error)> RawAsync()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(_emulator.Options.Listen.Address, _emulator.BaseAddress.Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes(
            "GET /metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://storage.azure.com HTTP/1.1\r\nHost: h\r\nMetadata: true\r\n\r\n"));
        using var patience = new CancellationTokenSource(EmulatorClient.Patience);
        var text = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(buffer, patience.Token) is > 0 and var count)
                text.Append(Encoding.ASCII.GetString(buffer, 0, count));
            return (text.ToString(), SocketError.Success);
        }
        catch (SocketException e)
        {
            return (text.ToString(), e.SocketErrorCode);
        }
    }
}
