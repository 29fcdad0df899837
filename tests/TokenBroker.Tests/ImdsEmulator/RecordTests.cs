using TokenBroker.Imds;
using TokenBroker.Imds.Faults;
using TokenBroker.Imds.Identities;
using TokenBroker.Imds.Record;
using Xunit;

namespace TokenBroker.Tests.Emulator;

public sealed class RecordTests
{
    [Fact]
    public async Task Every_request_is_recorded_in_order_whatever_became_of_it()
    {
        await using var emulator = await ImdsEmulator.StartAsync();
        using var client = new EmulatorClient(emulator);

        await client.SendAsync(HttpMethod.Get, "/nowhere", []);
        await client.TokenAsync($"&client_id={Guid.Empty}");
        var granted = await client.TokenAsync($"&client_id={emulator.Options.Identities[0].ClientId}");

        var requests = emulator.Requests;
        var token = Assert.Single(emulator.Tokens);
        Assert.Equal([(1, 404), (2, 400), (3, 200)], requests.Select(r => (r.Number, r.Status!.Value)));
        Assert.Equal(["Not found", "invalid_request", null], requests.Select(r => r.Error));
        Assert.All(requests, r => Assert.Equal(RequestOutcome.Answered, r.Outcome));
        Assert.Equal(("system", "https://storage.azure.com"), (requests[2].Identity, requests[2].Resource));
        Assert.Equal(new IdentitySelector("client_id", token.ClientId.ToString()), requests[2].Selector);
        Assert.Equal((token.Id, token.IssuedAt, token.ExpiresAt), (requests[2].TokenId, requests[2].TokenIssuedAt, requests[2].TokenExpiresAt));
        Assert.Equal(granted.Token, token.Value);
    }

    [Fact]
    public async Task The_record_keeps_target_and_headers_as_they_were_sent()
    {
        await using var emulator = await ImdsEmulator.StartAsync();
        using var client = new EmulatorClient(emulator);

        await client.SendAsync(HttpMethod.Get, "/metadata/%69dentity?a=%2F&b=/", [("X-Custom", "one"), ("X-Custom", "two")]);

        var request = Assert.Single(emulator.Requests);
        Assert.Equal(("GET", "/metadata/%69dentity?a=%2F&b=/"), (request.Method, request.Target));
        Assert.Equal(["one", "two"], request.Headers["x-custom"].Split([',', ' '], StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task A_token_that_is_handed_out_again_is_recorded_with_the_same_id()
    {
        await using var emulator = await ImdsEmulator.StartAsync();
        using var client = new EmulatorClient(emulator);

        await client.TokenAsync();
        await client.TokenAsync();

        Assert.Equal([emulator.Tokens[0].Id, emulator.Tokens[0].Id], emulator.Requests.Select(r => r.TokenId));
    }

    [Fact]
    public async Task A_held_request_is_pending_and_one_that_gave_up_is_abandoned()
    {
        await using var emulator = await ImdsEmulator.StartAsync();
        using var client = new EmulatorClient(emulator);
        using var held = emulator.Inject(Fault.Of(FaultKind.Hang));
        using var giveUp = new CancellationTokenSource();

        var request = client.TokenAsync(cancellationToken: giveUp.Token);
        var pending = Assert.Single(await emulator.WaitForRequestsAsync(1).WaitAsync(EmulatorClient.Patience));
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        await emulator.WaitForAsync(r => r.All(one => one.Outcome != RequestOutcome.Pending)).WaitAsync(EmulatorClient.Patience);

        Assert.Equal((RequestOutcome.Pending, null), (pending.Outcome, pending.AnsweredAt));
        var abandoned = Assert.Single(emulator.Requests);
        Assert.Equal((RequestOutcome.Abandoned, null), (abandoned.Outcome, abandoned.Status));
    }

    [Fact]
    public async Task Clearing_empties_the_record_and_numbers_go_on()
    {
        await using var emulator = await ImdsEmulator.StartAsync();
        using var client = new EmulatorClient(emulator);

        await client.TokenAsync();
        emulator.ClearRequests();
        Assert.Empty(emulator.Requests);
        await client.TokenAsync();

        Assert.Equal(2, Assert.Single(emulator.Requests).Number);
    }

    [Fact]
    public async Task A_token_does_not_print_itself()
    {
        await using var emulator = await ImdsEmulator.StartAsync();
        using var client = new EmulatorClient(emulator);

        await client.TokenAsync();

        var token = Assert.Single(emulator.Tokens);
        Assert.All(token.Value.Split('.'), part => Assert.DoesNotContain(part, $"{token} {emulator.Requests[0]}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Emulators_of_one_process_share_nothing()
    {
        var emulators = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ImdsEmulator.StartAsync()));

        emulators[0].Inject(Fault.Answer(500));
        var statuses = await Task.WhenAll(emulators.Select(async emulator =>
        {
            using var client = new EmulatorClient(emulator);
            return (await client.TokenAsync()).Status;
        }));

        Assert.Equal([500, .. Enumerable.Repeat(200, 7)], statuses);
        Assert.All(emulators, emulator => Assert.Single(emulator.Requests));
        Assert.Equal(7, emulators.SelectMany(e => e.Tokens).Select(t => t.Value).Distinct().Count());
        foreach (var emulator in emulators)
            await emulator.DisposeAsync();
    }

    [Fact]
    public async Task Disposing_cuts_off_what_hangs()
    {
        var emulator = await ImdsEmulator.StartAsync();
        using var client = new EmulatorClient(emulator);
        emulator.Inject(Fault.Of(FaultKind.Hang));

        var request = client.TokenAsync();
        await emulator.WaitForRequestsAsync(1).WaitAsync(EmulatorClient.Patience);
        await emulator.DisposeAsync().AsTask().WaitAsync(EmulatorClient.Patience);
        await emulator.DisposeAsync();

        await Assert.ThrowsAsync<HttpRequestException>(() => request);
    }
}
