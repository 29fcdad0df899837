using TokenBroker.Imds;
using Xunit;

namespace TokenBroker.Tests.Emulator;

public sealed class EndpointRuleTests : IAsyncLifetime
{
    private const string Path = "/metadata/identity/oauth2/token";
    private const string Query = "?api-version=2018-02-01&resource=https://storage.azure.com";

    private ImdsEmulator _emulator = null!;
    private EmulatorClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _emulator = await ImdsEmulator.StartAsync(new() { RateLimit = null });
        _client = new(_emulator);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _emulator.DisposeAsync();
    }

    [Fact]
    public async Task A_request_without_the_metadata_header_is_refused_with_400()
    {
        var reply = await _client.SendAsync(HttpMethod.Get, Path + Query, []);

        Assert.Equal(400, reply.Status);
        Assert.Equal("""{"error":"invalid_request","error_description":"Required metadata header not specified"}""", reply.Body);
        Assert.Equal("application/json; charset=utf-8", reply.Headers["Content-Type"]);
        Assert.StartsWith("IMDS/", reply.Headers["Server"]);
    }

    [Theory]
    [InlineData("True")]
    [InlineData("TRUE")]
    [InlineData("1")]
    [InlineData("")]
    [InlineData("true, true")]
    public async Task The_metadata_header_must_say_true_in_lower_case(string value)
    {
        var reply = await _client.SendAsync(HttpMethod.Get, Path + Query, [("Metadata", value)]);

        Assert.Equal((400, "Required metadata header not specified"), (reply.Status, reply.Description));
    }

    [Fact]
    public async Task A_request_that_came_through_a_proxy_is_refused_with_400()
    {
        var reply = await _client.SendAsync(HttpMethod.Get, Path + Query, [("Metadata", "true"), ("X-Forwarded-For", "203.0.113.9")]);

        Assert.Equal((400, "invalid_request"), (reply.Status, reply.Error));
        Assert.Contains("X-Forwarded-For", reply.Description);
    }

    [Theory]
    [InlineData("?resource=https://storage.azure.com")]
    [InlineData("?api-version=&resource=https://storage.azure.com")]
    [InlineData("?api-version=2017-12-01&resource=https://storage.azure.com")]
    [InlineData("?api-version=latest&resource=https://storage.azure.com")]
    public async Task An_unknown_or_missing_api_version_is_refused_in_its_own_shape_with_the_newest_ones(string query)
    {
        var reply = await _client.SendAsync(HttpMethod.Get, Path + query, [("Metadata", "true")]);

        Assert.Equal(400, reply.Status);
        Assert.Equal("Bad request. api-version is invalid or was not specified in the request.", reply.Error);
        Assert.Equal(3, reply.Json.GetProperty("newest-versions").GetArrayLength());
        Assert.False(reply.Json.TryGetProperty("error_description", out _));
    }

    [Theory]
    [InlineData("?api-version=2018-02-01")]
    [InlineData("?api-version=2018-02-01&resource=")]
    public async Task A_request_without_a_resource_is_refused_with_400(string query)
    {
        var reply = await _client.SendAsync(HttpMethod.Get, Path + query, [("Metadata", "true")]);

        Assert.Equal((400, "invalid_request", "Required query variable 'resource' is missing"), (reply.Status, reply.Error, reply.Description));
    }

    [Theory]
    [InlineData("https://storage.azure.com")]
    [InlineData("https://storage.azure.com/")]
    [InlineData("https%3A%2F%2Fstorage.azure.com%2F")]
    [InlineData("https://management.azure.com/")]
    [InlineData("https://vault.azure.net")]
    [InlineData("e406a681-f3d4-42a8-90b6-c2b029497af1")]
    [InlineData("https://myaccount.blob.core.windows.net")]
    [InlineData("https://myaccount.blob.core.usgovcloudapi.net/")]
    public async Task A_well_known_resource_is_granted_and_echoed_as_it_was_spelled(string resource)
    {
        var reply = await _client.TokenAsync(resource: resource);

        Assert.Equal(200, reply.Status);
        Assert.Equal(Uri.UnescapeDataString(resource), reply.Text("resource"));
    }

    [Theory]
    [InlineData("https://storage.azure.com/.default")]
    [InlineData("https://storage.example.com")]
    [InlineData("https://a.blob.core.windows.net")]
    [InlineData("https://my-account.blob.core.windows.net")]
    [InlineData("https://myaccount.blob.core.windows.net.evil.example")]
    [InlineData("http://storage.azure.com")]
    public async Task An_unknown_resource_is_refused_as_the_directory_does(string resource)
    {
        var reply = await _client.TokenAsync(resource: resource);

        Assert.Equal((400, "invalid_resource"), (reply.Status, reply.Error));
        Assert.StartsWith($"AADSTS50001: The application named {resource} was not found", reply.Description);
    }

    [Theory]
    [InlineData("&resource=https://vault.azure.net")]
    [InlineData("&api-version=2018-02-01")]
    [InlineData("&client_id=a&client_id=a")]
    [InlineData("&RESOURCE=https://vault.azure.net")]
    public async Task A_repeated_query_parameter_is_refused_with_400(string more)
    {
        var reply = await _client.TokenAsync(more);

        Assert.Equal((400, "invalid_request"), (reply.Status, reply.Error));
        Assert.Contains("more than once", reply.Description);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/metadata/identity")]
    [InlineData("/metadata/identity/oauth2/token/")]
    [InlineData("/metadata/instance")]
    public async Task Another_path_is_answered_with_404(string path)
    {
        var reply = await _client.SendAsync(HttpMethod.Get, path + Query, [("Metadata", "true")]);

        Assert.Equal((404, """{"error":"Not found"}"""), (reply.Status, reply.Body));
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("HEAD")]
    public async Task Another_method_is_answered_with_405_and_names_GET(string method)
    {
        var reply = await _client.SendAsync(new(method), Path + Query, [("Metadata", "true")]);

        Assert.Equal((405, "GET"), (reply.Status, reply.Headers["Allow"]));
    }

    [Fact]
    public async Task The_request_that_Azure_Identity_puts_on_the_wire_is_granted()
    {
        var reply = await _client.SendAsync(HttpMethod.Get, $"{Path}?api-version=2018-02-01&resource=https://storage.azure.com",
        [
            ("Metadata", "true"), ("x-client-SKU", "MSAL.NetCore"), ("x-client-Ver", "4.90.0.0"), ("x-client-OS", "Linux"),
            ("x-ms-client-request-id", "e7b3"), ("x-ms-return-client-request-id", "true"), ("User-Agent", "azsdk-net-Core/1.64.0 (.NET 10.0.0)"),
        ]);

        Assert.Equal(200, reply.Status);
        Assert.Equal($"{Path}?api-version=2018-02-01&resource=https://storage.azure.com", Assert.Single(_emulator.Requests).Target);
    }
}
