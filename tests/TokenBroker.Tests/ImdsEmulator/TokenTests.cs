using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;
using TokenBroker.Imds;
using TokenBroker.Imds.Identities;
using Xunit;

namespace TokenBroker.Tests.Emulator;

public sealed class TokenTests
{
    private readonly SteppedClock _clock = new();

    [Fact]
    public async Task Every_value_of_the_answer_is_a_string()
    {
        await using var emulator = await StartAsync(new());
        using var client = new EmulatorClient(emulator);

        var reply = await client.TokenAsync();

        Assert.Equal(
            ["access_token", "client_id", "refresh_token", "expires_in", "expires_on", "ext_expires_in", "not_before", "resource", "token_type"],
            reply.Json.EnumerateObject().Select(p => p.Name));
        Assert.All(reply.Json.EnumerateObject(), p => Assert.Equal(JsonValueKind.String, p.Value.ValueKind));
        Assert.Equal(("Bearer", ""), (reply.Text("token_type"), reply.Text("refresh_token")));
    }

    [Fact]
    public async Task The_times_of_the_answer_are_those_of_the_token()
    {
        await using var emulator = await StartAsync(new() { TokenLifetime = TimeSpan.FromHours(1) });
        using var client = new EmulatorClient(emulator);
        _clock.Advance(TimeSpan.FromMilliseconds(300));

        var first = await client.TokenAsync();
        _clock.Advance(TimeSpan.FromMinutes(10));
        var later = await client.TokenAsync();

        var start = SteppedClock.Start.ToUnixTimeSeconds();
        Assert.Equal(Text(start + 3600), first.Text("expires_on"));
        Assert.Equal(Text(start - 300), first.Text("not_before"));
        Assert.Equal(("3599", "3599"), (first.Text("expires_in"), first.Text("ext_expires_in")));
        Assert.Equal((first.Token, "2999", "3599"), (later.Token, later.Text("expires_in"), later.Text("ext_expires_in")));
    }

    [Fact]
    public async Task The_token_carries_the_claims_that_Azurite_and_storage_read()
    {
        var identity = EmulatedIdentity.User("backup");
        var tenant = Guid.NewGuid();
        await using var emulator = await StartAsync(new() { Identities = [identity], TenantId = tenant, TokenLifetime = TimeSpan.FromSeconds(20) });
        using var client = new EmulatorClient(emulator);

        var parts = (await client.TokenAsync()).Token.Split('.');

        var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1])).RootElement;
        var start = SteppedClock.Start.ToUnixTimeSeconds();
        Assert.Equal("RS256", JsonDocument.Parse(Base64Url.DecodeFromChars(parts[0])).RootElement.GetProperty("alg").GetString());
        Assert.Equal(256, Base64Url.DecodeFromChars(parts[2]).Length);
        Assert.Equal("https://storage.azure.com", claims.GetProperty("aud").GetString());
        Assert.Equal($"https://sts.windows.net/{tenant}/", claims.GetProperty("iss").GetString());
        Assert.Equal((start, start - 300, start + 20), (Number("iat"), Number("nbf"), Number("exp")));
        Assert.Equal((identity.ClientId, identity.ObjectId, tenant), (Id("appid"), Id("oid"), Id("tid")));
        Assert.Equal(identity.ResourceId, claims.GetProperty("xms_mirid").GetString());

        long Number(string claim) => claims.GetProperty(claim).GetInt64();
        Guid Id(string claim) => claims.GetProperty(claim).GetGuid();
    }

    [Fact]
    public async Task The_same_token_is_handed_out_until_half_of_its_life_is_left()
    {
        await using var emulator = await StartAsync(new());
        using var client = new EmulatorClient(emulator);

        var first = (await client.TokenAsync()).Token;
        _clock.Advance(TimeSpan.FromHours(12) - TimeSpan.FromSeconds(1));
        var same = (await client.TokenAsync()).Token;
        _clock.Advance(TimeSpan.FromSeconds(1));
        var next = (await client.TokenAsync()).Token;

        Assert.Equal(first, same);
        Assert.NotEqual(first, next);
    }

    [Fact]
    public async Task A_reuse_share_of_zero_keeps_the_token_until_it_expires()
    {
        await using var emulator = await StartAsync(new() { TokenLifetime = TimeSpan.FromSeconds(20), ReuseUntilShareLeft = 0 });
        using var client = new EmulatorClient(emulator);

        var first = (await client.TokenAsync()).Token;
        _clock.Advance(TimeSpan.FromSeconds(19));
        var same = await client.TokenAsync();
        _clock.Advance(TimeSpan.FromSeconds(1));
        var next = (await client.TokenAsync()).Token;

        Assert.Equal((first, "1"), (same.Token, same.Text("expires_in")));
        Assert.NotEqual(first, next);
    }

    [Fact]
    public async Task Fresh_tokens_differ_in_payload_and_signature_within_one_second()
    {
        await using var emulator = await StartAsync(new() { ReuseUntilShareLeft = null });
        using var client = new EmulatorClient(emulator);

        var first = (await client.TokenAsync()).Token.Split('.');
        var second = (await client.TokenAsync()).Token.Split('.');

        Assert.NotEqual(first[1], second[1]);
        Assert.NotEqual(first[2], second[2]);
    }

    [Fact]
    public async Task Each_identity_and_each_resource_has_its_own_token()
    {
        var backup = EmulatedIdentity.User("backup");
        await using var emulator = await StartAsync(new() { Identities = [EmulatedIdentity.System(), backup] });
        using var client = new EmulatorClient(emulator);

        string[] tokens =
        [
            (await client.TokenAsync()).Token, (await client.TokenAsync(resource: "https://vault.azure.net")).Token,
            (await client.TokenAsync($"&client_id={backup.ClientId}")).Token, (await client.TokenAsync()).Token,
        ];

        Assert.Equal(3, tokens.Distinct().Count());
        Assert.Equal(tokens[0], tokens[3]);
        Assert.Equal(tokens[..3], emulator.Tokens.Select(t => t.Value));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(86401)]
    public async Task A_lifetime_outside_a_second_to_a_day_is_refused_at_the_start(double seconds)
    {
        var options = new ImdsEmulatorOptions { TokenLifetime = TimeSpan.FromSeconds(seconds) };

        var refused = await Assert.ThrowsAsync<ArgumentException>(() => ImdsEmulator.StartAsync(options));

        Assert.Contains("--token-lifetime", refused.Message);
    }

    private Task<ImdsEmulator> StartAsync(ImdsEmulatorOptions options) => ImdsEmulator.StartAsync(options with { TimeProvider = _clock });

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
