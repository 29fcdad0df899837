using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport.Identity;
using Xunit;

namespace TokenBroker.EndToEnd.TokenSources;

/// <summary>A variable that somebody left behind takes the identity elsewhere without a word, but for the start-up message.</summary>
public class StartupMessageTests
{
    public static TheoryData<string, string[]> Diversions => new()
    {
        { "imds", ["AZURE_POD_IDENTITY_AUTHORITY_HOST"] },
        { "app-service", ["IDENTITY_ENDPOINT", "IDENTITY_HEADER"] },
        { "service-fabric", ["IDENTITY_ENDPOINT", "IDENTITY_HEADER", "IDENTITY_SERVER_THUMBPRINT"] },
        { "azure-arc", ["IDENTITY_ENDPOINT", "IMDS_ENDPOINT"] },
        { "azure-machine-learning", ["MSI_ENDPOINT", "MSI_SECRET"] },
        { "cloud-shell", ["MSI_ENDPOINT"] },
        { "workload-identity", ["AZURE_FEDERATED_TOKEN_FILE", "AZURE_TENANT_ID", "AZURE_CLIENT_ID"] },
        { "workload-identity", ["AZURE_FEDERATED_TOKEN_FILE", "AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_AUTHORITY_HOST"] },
    };

    [Theory]
    [MemberData(nameof(Diversions))]
    public async Task Start_up_message_names_every_variable_that_led_to_the_source(string source, string[] variables)
    {
        await using var scene = await SourceScene.StartAsync(variables.ToDictionary(name => name, ValueOf));

        var message = await scene.Sidecar.Run.LineAsync($@"is ready: .* as system from {source} \((.*)\)", RunningSidecar.Limit);
        Assert.All(variables, name => Assert.Contains(name, message.Groups[1].Value, StringComparison.Ordinal));
        Assert.DoesNotContain("secret-value", scene.Sidecar.Run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Option_outranks_every_variable()
    {
        await using var endpoint = await IdentityEndpoint.StartAsync(new AppServiceProtocol("unused"));
        var variables = Diversions.SelectMany(row => row.Data.Item2).Distinct().ToDictionary(name => name, ValueOf);
        await using var scene = await SourceScene.StartAsync(variables, ["--metadata-endpoint", endpoint.Address.GetLeftPart(UriPartial.Authority)]);

        await scene.Sidecar.Run.LineAsync($@"as system from imds \(the metadata endpoint is set to http://{endpoint.Address.Authority}\)", RunningSidecar.Limit);
    }

    // Nothing listens at port 9, the discard service's. Ids are well-formed, paths do not exist.
    private static string ValueOf(string name) => name switch
    {
        "IDENTITY_HEADER" or "MSI_SECRET" => "secret-value",
        "IDENTITY_SERVER_THUMBPRINT" => new string('A', 40),
        "AZURE_FEDERATED_TOKEN_FILE" => "/nonexistent/token",
        "AZURE_TENANT_ID" or "AZURE_CLIENT_ID" => "11111111-1111-1111-1111-111111111111",
        "AZURE_AUTHORITY_HOST" => "https://127.0.0.1:9/",
        "AZURE_POD_IDENTITY_AUTHORITY_HOST" => "http://127.0.0.1:9",
        _ => "http://127.0.0.1:9/token",
    };
}
