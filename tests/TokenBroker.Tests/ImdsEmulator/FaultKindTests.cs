using System.Globalization;
using System.Net.Sockets;
using System.Text;
using TokenBroker.Imds;
using TokenBroker.Imds.Faults;
using TokenBroker.Imds.Record;
using Xunit;

namespace TokenBroker.Tests.Emulator;

/// <summary>What each kind of fault looks like to the client.</summary>
public sealed class FaultKindTests : FaultTestBase
{
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
        Emulator.Inject(Fault.Answer(status));

        var reply = await Client.TokenAsync();

        Assert.Equal((status, error), (reply.Status, reply.Error));
        Assert.NotEmpty(reply.Description!);
        Assert.False(reply.Headers.ContainsKey("Retry-After"));
    }

    [Fact]
    public async Task A_status_may_carry_its_own_error_code_and_description()
    {
        Emulator.Inject(Fault.Answer(401) with { Error = "unauthorizedClient", ErrorDescription = "it's off" });

        Assert.Equal("""{"error":"unauthorizedClient","error_description":"it's off"}""", (await Client.TokenAsync()).Body);
    }

    [Fact]
    public async Task Retry_After_comes_as_seconds_rounded_up()
    {
        Emulator.Inject(Fault.Answer(429, retryAfter: TimeSpan.FromSeconds(4.2)));

        Assert.Equal("5", (await Client.TokenAsync()).Headers["Retry-After"]);
        Assert.Equal("5", Assert.Single(Emulator.Requests).RetryAfter);
    }

    [Fact]
    public async Task Retry_After_comes_as_a_date_when_asked_for()
    {
        Emulator.Inject(Fault.Answer(503, retryAfter: TimeSpan.FromSeconds(30), asDate: true));

        var date = DateTimeOffset.ParseExact((await Client.TokenAsync()).Headers["Retry-After"], "R", CultureInfo.InvariantCulture);

        Assert.Equal(SteppedClock.Start + TimeSpan.FromSeconds(30), date);
    }

    [Fact]
    public async Task A_delay_holds_the_answer_for_its_time()
    {
        Emulator.Inject(Fault.Delayed(TimeSpan.FromSeconds(2)));

        var request = Client.TokenAsync();
        await DelayedAsync();
        Clock.Advance(TimeSpan.FromSeconds(1.9));
        Assert.Equal(RequestOutcome.Pending, Emulator.Requests[0].Outcome);
        Clock.Advance(TimeSpan.FromSeconds(0.1));

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
        Emulator.Inject(Fault.Answer(500) with { Delay = TimeSpan.FromSeconds(2) });

        var request = Client.TokenAsync();
        await DelayedAsync();
        Clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(500, (await request).Status);
    }

    [Fact]
    public async Task A_hang_lasts_until_it_is_cleared_and_then_answers()
    {
        var fault = Emulator.Inject(Fault.Of(FaultKind.Hang));

        var request = Client.TokenAsync();
        await HeldAsync(1);
        Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(RequestOutcome.Pending, Emulator.Requests[0].Outcome);
        fault.Clear();

        Assert.Equal(200, (await request).Status);
        Assert.Equal(200, (await Client.TokenAsync()).Status);
    }

    [Fact]
    public async Task A_hang_that_is_used_up_still_holds_until_faults_are_cleared()
    {
        Emulator.Inject(Fault.Of(FaultKind.Hang) with { Count = 1 });

        var held = Client.TokenAsync();
        await HeldAsync(1);
        Assert.Equal(200, (await Client.TokenAsync()).Status);
        Assert.Equal(RequestOutcome.Pending, Emulator.Requests[0].Outcome);
        Emulator.ClearFaults();

        Assert.Equal(200, (await held).Status);
        Assert.Empty(Emulator.Faults);
    }

    [Fact]
    public async Task A_reset_reaches_the_socket_as_a_reset_and_not_as_an_end()
    {
        Emulator.Inject(Fault.Of(FaultKind.Reset));

        var (received, error) = await RawAsync();

        Assert.Equal(("", SocketError.ConnectionReset), (received, error));
        var request = Assert.Single(Emulator.Requests);
        Assert.Equal((RequestOutcome.Reset, null), (request.Outcome, request.Status));
    }

    [Fact]
    public async Task A_cut_body_announces_more_than_it_sends_and_ends()
    {
        Emulator.Inject(Fault.Of(FaultKind.CutBody));

        var (received, error) = await RawAsync();

        Assert.StartsWith("HTTP/1.1 200 OK", received);
        Assert.Equal((SocketError.Success, RequestOutcome.Cut), (error, Emulator.Requests[0].Outcome));
        var announced = int.Parse(received.Split("Content-Length: ")[1].Split("\r\n")[0], CultureInfo.InvariantCulture);
        Assert.InRange(received.Split("\r\n\r\n")[1].Length, 1, announced - 1);
    }

    [Fact]
    public async Task Garbage_is_a_page_with_status_200()
    {
        Emulator.Inject(Fault.Of(FaultKind.Garbage));

        var reply = await Client.TokenAsync();

        Assert.Equal((200, "text/html"), (reply.Status, reply.Headers["Content-Type"]));
        Assert.StartsWith("<!DOCTYPE html>", reply.Body);
    }

    [Fact]
    public async Task Truncated_JSON_is_a_complete_answer_that_stops_within_the_token()
    {
        Emulator.Inject(Fault.Of(FaultKind.TruncatedJson));

        var reply = await Client.TokenAsync();

        Assert.Equal((200, $"{reply.Body.Length}"), (reply.Status, reply.Headers["Content-Length"]));
        Assert.ThrowsAny<System.Text.Json.JsonException>(() => reply.Json);
        Assert.StartsWith("{\"access_token\":\"" + Emulator.Tokens[0].Value[..40], reply.Body);
        Assert.Equal(Emulator.Tokens[0].Id, Emulator.Requests[0].TokenId);
    }

    [Fact]
    public async Task An_empty_token_looks_like_a_success_in_all_else()
    {
        Emulator.Inject(Fault.Of(FaultKind.EmptyToken));

        var reply = await Client.TokenAsync();

        Assert.Equal((200, "", "3600"), (reply.Status, reply.Token, reply.Text("expires_in")));
        Assert.Null(Emulator.Requests[0].TokenId);
    }

    [Fact]
    public async Task An_expired_token_ended_a_minute_ago_and_is_not_repeated_later()
    {
        Emulator.Inject(Fault.Of(FaultKind.ExpiredToken) with { Count = 1 });

        var expired = await Client.TokenAsync();
        var good = await Client.TokenAsync();

        Assert.Equal((200, "0"), (expired.Status, expired.Text("expires_in")));
        Assert.Equal((SteppedClock.Start - TimeSpan.FromMinutes(1)).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), expired.Text("expires_on"));
        Assert.Equal((200, "3600"), (good.Status, good.Text("expires_in")));
        Assert.NotEqual(expired.Token, good.Token);
    }

    [Fact]
    public async Task The_same_token_comes_again_even_when_little_of_it_is_left()
    {
        var first = await Client.TokenAsync();
        Emulator.Inject(Fault.Of(FaultKind.SameToken) with { Count = 1 });
        Clock.Advance(TimeSpan.FromMinutes(59));

        var same = await Client.TokenAsync();
        var next = await Client.TokenAsync();

        Assert.Equal((first.Token, "60"), (same.Token, same.Text("expires_in")));
        Assert.NotEqual(first.Token, next.Token);
    }

    [Fact]
    public async Task An_expiry_is_written_in_the_form_that_the_fault_names_or_left_out()
    {
        Emulator.Inject(Fault.ExpiryAs("\"{iso}\"", null));

        var answer = await Client.TokenAsync();

        var expiry = Emulator.Tokens.Single().ExpiresAt;
        Assert.Equal(expiry.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture), answer.Text("expires_on"));
        Assert.DoesNotContain("expires_in\":", answer.Body.Replace("ext_expires_in\":", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(-10)]
    public async Task A_skewedClock_moves_every_time_of_the_answer_but_not_the_length_of_life(int minutes)
    {
        Emulator.Inject(Fault.Skewed(TimeSpan.FromMinutes(minutes)) with { Count = 1 });

        var skewed = await Client.TokenAsync();

        var clock = SteppedClock.Start + TimeSpan.FromMinutes(minutes);
        Assert.Equal((clock + TimeSpan.FromHours(1)).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), skewed.Text("expires_on"));
        Assert.Equal("3600", skewed.Text("expires_in"));
        Assert.Equal(clock.ToString("R", CultureInfo.InvariantCulture), skewed.Headers["Date"]);
        Assert.Equal(clock, Assert.Single(Emulator.Tokens).IssuedAt);
        Assert.NotEqual(skewed.Token, (await Client.TokenAsync()).Token);
    }

    /// <summary>What a socket sees, with nothing of HTTP's comfort: the text until the end, and the error at the end.</summary>
    private async Task<(string Text, SocketError Error)> RawAsync()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(Emulator.Options.Listen.Address, Emulator.BaseAddress.Port);
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
