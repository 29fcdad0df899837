using System.Net;
using System.Text;
using System.Text.Json;
using TokenBroker.Imds;
using TokenBroker.Imds.Faults;
using TokenBroker.Imds.Identities;
using Xunit;

namespace TokenBroker.Tests.Emulator;

public sealed class ControlTests : IAsyncLifetime
{
    private ImdsEmulator _emulator = null!;
    private EmulatorClient _client = null!;
    private HttpClient _control = null!;

    public async ValueTask InitializeAsync()
    {
        _emulator = await ImdsEmulator.StartAsync(new() { Identities = [EmulatedIdentity.System(), EmulatedIdentity.User("backup")] });
        _client = new(_emulator);
        _control = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = _emulator.ControlAddress, Timeout = EmulatorClient.Patience };
    }

    public async ValueTask DisposeAsync()
    {
        _control.Dispose();
        _client.Dispose();
        await _emulator.DisposeAsync();
    }

    [Fact]
    public async Task The_help_lists_every_route_and_every_kind_of_fault()
    {
        var help = await GetAsync("/");

        Assert.Contains(help.GetProperty("routes").EnumerateArray(), route => route.GetString()!.StartsWith("POST /faults", StringComparison.Ordinal));
        Assert.Equal(Enum.GetValues<FaultKind>().Length, help.GetProperty("faultKinds").GetArrayLength());
    }

    [Fact]
    public async Task The_record_and_the_tokens_are_read_and_the_record_is_emptied()
    {
        var granted = await _client.TokenAsync();

        var request = Assert.Single((await GetAsync("/requests")).EnumerateArray());
        var token = Assert.Single((await GetAsync("/tokens")).EnumerateArray());
        Assert.Equal(("answered", 200, "system"), (Text(request, "outcome"), request.GetProperty("status").GetInt32(), Text(request, "identity")));
        Assert.Equal(Text(token, "id"), Text(request, "tokenId"));
        Assert.Equal(granted.Token, Text(token, "value"));
        Assert.DoesNotContain(granted.Token, request.GetRawText(), StringComparison.Ordinal);

        Assert.Equal(1, (await SendAsync(HttpMethod.Delete, "/requests")).Json.GetProperty("count").GetInt32());
        Assert.Empty((await GetAsync("/requests")).EnumerateArray());
        Assert.Single((await GetAsync("/tokens")).EnumerateArray());
    }

    [Fact]
    public async Task The_identities_are_listed_with_every_id()
    {
        var backup = (await GetAsync("/identities")).EnumerateArray().Last();

        var expected = _emulator.Options.Identities[1];
        Assert.Equal(("user", "backup"), (Text(backup, "kind"), Text(backup, "name")));
        Assert.Equal((expected.ClientId, expected.ObjectId, expected.ResourceId),
            (backup.GetProperty("clientId").GetGuid(), backup.GetProperty("objectId").GetGuid(), Text(backup, "resourceId")));
    }

    [Fact]
    public async Task A_fault_is_injected_listed_met_and_cleared()
    {
        var injected = await SendAsync(HttpMethod.Post, "/faults", """{"kind":"status","status":429,"retryAfter":"7s","count":2,"identity":"system"}""");
        var met = await _client.TokenAsync();
        var listed = Assert.Single((await GetAsync("/faults")).EnumerateArray());
        var cleared = await SendAsync(HttpMethod.Delete, "/faults");

        Assert.Equal(HttpStatusCode.Created, injected.Status);
        Assert.Equal((429, "7"), (met.Status, met.Headers["Retry-After"]));
        Assert.Equal((1, 1, true), (listed.GetProperty("id").GetInt32(), listed.GetProperty("met").GetInt32(), listed.GetProperty("active").GetBoolean()));
        Assert.Equal(("status", "7s"), (Text(listed.GetProperty("fault"), "kind"), Text(listed.GetProperty("fault"), "retryAfter")));
        Assert.Equal(1, cleared.Json.GetProperty("count").GetInt32());
        Assert.Equal(200, (await _client.TokenAsync()).Status);
    }

    [Fact]
    public async Task One_fault_is_cleared_by_its_id()
    {
        await SendAsync(HttpMethod.Post, "/faults", """{"kind":"reset"}""");
        await SendAsync(HttpMethod.Post, "/faults", """{"kind":"status","status":500}""");

        var cleared = await SendAsync(HttpMethod.Delete, "/faults/1");
        var unknown = await SendAsync(HttpMethod.Delete, "/faults/9");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), (cleared.Status, unknown.Status));
        Assert.Equal(500, (await _client.TokenAsync()).Status);
    }

    public static TheoryData<string> EveryKind =>
        [.. Enum.GetValues<FaultKind>().Select(kind => JsonNamingPolicy.KebabCaseLower.ConvertName(kind.ToString()))];

    [Theory]
    [MemberData(nameof(EveryKind))]
    public async Task Every_kind_can_be_injected_by_its_name(string kind)
    {
        var needs = kind switch { "status" => ",\"status\":503", "delay" => ",\"delay\":\"2s\"", "clock-skew" => ",\"skew\":\"-5m\"", _ => "" };

        var injected = await SendAsync(HttpMethod.Post, "/faults", $$"""{"kind":"{{kind}}","duration":30,"count":1{{needs}}}""");

        Assert.Equal(HttpStatusCode.Created, injected.Status);
        Assert.Equal(TimeSpan.FromSeconds(30), Assert.Single(_emulator.Faults).Fault.Duration);
    }

    [Theory]
    [InlineData("", "$")]
    [InlineData("null", "JSON object")]
    [InlineData("{}", "$")]
    [InlineData("""{"kind":"explode"}""", "$.kind")]
    [InlineData("""{"kind":0}""", "$.kind")]
    [InlineData("""{"kind":"hang","cuont":1}""", "$.cuont")]
    [InlineData("""{"kind":"delay","delay":"soon"}""", "$.delay")]
    [InlineData("""{"kind":"status","status":200}""", "status:")]
    [InlineData("""{"kind":"hang","identity":"nobody"}""", "'nobody' is not assigned")]
    public async Task A_malformed_fault_is_refused_with_what_is_wrong(string body, string expected)
    {
        var refused = await SendAsync(HttpMethod.Post, "/faults", body);

        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.Contains(expected, Text(refused.Json, "error"), StringComparison.Ordinal);
        Assert.Empty(_emulator.Faults);
    }

    [Fact]
    public async Task The_control_endpoint_is_neither_recorded_nor_throttled()
    {
        for (var i = 0; i < 40; i++)
            Assert.Empty((await GetAsync("/requests")).EnumerateArray());
    }

    [Fact]
    public async Task Each_listener_answers_for_itself_alone()
    {
        Assert.Equal(404, (await _client.SendAsync(HttpMethod.Get, "/requests", [("Host", _emulator.ControlAddress.Authority)])).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(HttpMethod.Get, "/metadata/identity/oauth2/token")).Status);
    }

    [Fact]
    public async Task A_web_page_is_refused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/faults") { Content = new StringContent("""{"kind":"reset"}""") };
        request.Headers.Add("Origin", "https://page.example");

        using var response = await _control.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Empty(_emulator.Faults);
    }

    [Fact]
    public async Task A_control_address_that_others_reach_needs_the_unsafe_option()
    {
        var options = new ImdsEmulatorOptions { Control = new(IPAddress.Any, 0) };

        var refused = await Assert.ThrowsAsync<ArgumentException>(() => ImdsEmulator.StartAsync(options));
        await using var allowed = await ImdsEmulator.StartAsync(options with { UnsafeAllowRemoteControl = true });

        Assert.Contains("--unsafe-remote-control", refused.Message);
        Assert.NotEqual(0, allowed.ControlAddress.Port);
    }

    private async Task<JsonElement> GetAsync(string path)
    {
        var (status, json) = await SendAsync(HttpMethod.Get, path);
        Assert.Equal(HttpStatusCode.OK, status);
        return json;
    }

    private async Task<(HttpStatusCode Status, JsonElement Json)> SendAsync(HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        using var response = await _control.SendAsync(request);
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement);
    }

    private static string Text(JsonElement element, string property) => element.GetProperty(property).GetString()!;
}
