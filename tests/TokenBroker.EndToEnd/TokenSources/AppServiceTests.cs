using TokenBroker.TestSupport.Identity;
using Xunit;

namespace TokenBroker.EndToEnd.TokenSources;

/// <summary>App Service, Functions and Container Apps: the sidecar asks as the platform documents, and keeps what it gets.</summary>
public class AppServiceTests
{
    public const string Secret = "identity-header-of-the-platform";

    public static Dictionary<string, string> Variables(IdentityEndpoint endpoint) => new()
    {
        ["IDENTITY_ENDPOINT"] = new Uri(endpoint.Address, "/msi/token").AbsoluteUri,
        ["IDENTITY_HEADER"] = Secret,
    };

    [Fact]
    public async Task Token_of_the_platform_reaches_storage_and_a_refresh_asks_the_platform_again()
    {
        await using var endpoint = await IdentityEndpoint.StartAsync(new AppServiceProtocol(Secret));
        await using var scene = await SourceScene.StartAsync(Variables(endpoint));
        await scene.Sidecar.UntilReadyAsync();

        Assert.Equal(endpoint.Tokens[0], await scene.TokenAtStorageAsync());
        var refreshed = await scene.RefreshOneAsync();

        Assert.Equal(("app-service", "refreshed"), (refreshed.Source, refreshed.Outcome));
        Assert.Equal(endpoint.Tokens[1], await scene.TokenAtStorageAsync());
        Assert.Equal(2, endpoint.Requests.Count);
        // Nothing but the documented parameters: no word of a token that were revoked.
        Assert.All(endpoint.Requests, request => Assert.Equal("?api-version=2019-08-01&resource=https://storage.azure.com", request.RawQuery));
        Assert.DoesNotContain(Secret, scene.Sidecar.Run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task User_assigned_identity_is_named_to_the_platform()
    {
        const string Client = "22222222-2222-2222-2222-222222222222";
        await using var endpoint = await IdentityEndpoint.StartAsync(new AppServiceProtocol(Secret, [Client]));
        await using var scene = await SourceScene.StartAsync(Variables(endpoint), ["--identity", $"client-id:{Client}"]);
        await scene.Sidecar.UntilReadyAsync();

        Assert.Equal(endpoint.Tokens[0], await scene.TokenAtStorageAsync());
        Assert.Equal(Client, Assert.Single(endpoint.Requests).Query("client_id"));
    }

    [Fact]
    public async Task Token_with_less_than_five_minutes_left_is_served_and_survives_failures_until_it_expires()
    {
        // The library alone would ask for each request, and throw the good token away with the first failure.
        await using var endpoint = await IdentityEndpoint.StartAsync(new AppServiceProtocol(Secret));
        endpoint.TokenLifetime = TimeSpan.FromMinutes(2);
        await using var scene = await SourceScene.StartAsync(Variables(endpoint));
        await scene.Sidecar.UntilReadyAsync();
        endpoint.Answer(IdentityAnswer.Error(500));

        Assert.Equal("failed", (await scene.RefreshOneAsync()).Outcome);
        for (var i = 0; i < 5; i++)
            Assert.Equal(endpoint.Tokens[0], await scene.TokenAtStorageAsync());
        Assert.Equal(2, endpoint.Requests.Count);
    }

    [Fact]
    public async Task Expiry_is_the_whole_second_that_the_platform_said_and_not_later()
    {
        await using var endpoint = await IdentityEndpoint.StartAsync(new AppServiceProtocol(Secret));
        await using var scene = await SourceScene.StartAsync(Variables(endpoint));
        for (var i = 0; i < 3; i++)
        {
            var refreshed = await scene.RefreshOneAsync();
            Assert.Equal(0, refreshed.ExpiresOn!.Value.Ticks % TimeSpan.TicksPerSecond);
        }
    }
}
