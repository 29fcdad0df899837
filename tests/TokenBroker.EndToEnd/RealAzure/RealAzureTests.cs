using TokenBroker.EndToEnd.ClientMatrix;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.Local;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.RealAzure;

/// <summary>
/// By choice: the client matrix against a real account, through the real binary, and what only a real account can tell.
/// What was seen is written to <c>TestResults/real-azure</c>.
/// </summary>
public class RealAzureTests
{
    [Fact]
    public async Task Every_cell_of_the_matrix_holds_at_a_real_account_and_what_was_seen_is_written_down()
    {
        var account = AzureAccount.Demand();
        Requirement.Demand(
            [Capability.Node, Capability.Npm, Capability.Python, Capability.RubyBlobLibrary, Capability.AzureCli, Capability.Rclone, Capability.Duplicity, Capability.Curl],
            ["azure.storage.blob", "django", "libcloud"]);
        var observations = new Observations();
        var container = $"tokenbroker-{Guid.NewGuid():N}"[..24];
        await using var sidecar = await RunningSidecar.StartAsync(new SidecarSettings
        {
            Accounts = [(account.Name, account.Endpoint)],
            Arguments = account.ConfigFile is { } file ? ["--config", file] : [],
        });
        await sidecar.UntilReadyAsync();

        List<string> failed = [];
        foreach (var client in Client.Common)
            failed.AddRange(await RunAsync(client, account, sidecar, container, observations));
        using var http = Http.CreateClient();
        await http.SendAsync(Put(sidecar.At($"{account.Name}/{container}?restype=container")), TestContext.Current.CancellationToken);
        await new OpenPoints(account, container, observations).ObserveAsync();
        await http.SendAsync(Delete(sidecar.At($"{account.Name}/{container}?restype=container")), TestContext.Current.CancellationToken);

        TestContext.Current.TestOutputHelper?.WriteLine($"written to {observations.Write(account.Name)}");
        Assert.True(failed.Count == 0, string.Join('\n', failed));
    }

    /// <summary>Each client works in a container of its own, which is deleted afterwards.</summary>
    private static async Task<List<string>> RunAsync(Client client, AzureAccount account, RunningSidecar sidecar, string container, Observations observations)
    {
        var own = $"{container}-{client.Id}";
        var leg = new Leg(account.Name, LocalEnvironment.DummyKey, sidecar.At(account.Name), null);
        var seen = await Driver.Of(client).RunAsync(leg, leg.Fill(DocumentedLines.Of(client)), own);
        List<string> failed = [];
        foreach (var (operation, result) in seen)
        {
            var ok = result["ok"]?.GetValue<bool>() == true;
            observations.Add($"{client.Column}: {Operation.Of(operation).Row}", ok ? "ok" : $"{result["status"]} {result["code"]} {result["reason"]} {result["error"]}");
            // What the sidecar or the client refuses, it refuses here as well; all else succeeds at storage itself.
            if (!ok && Matrix.Cell(client, operation).Expectation is not (SidecarRefuses or ClientRefuses))
                failed.Add($"{client.Column}, {operation}: {result.ToJsonString()}");
        }

        using var http = Http.CreateClient();
        await http.SendAsync(Delete(sidecar.At($"{account.Name}/{own}?restype=container")));
        return failed;
    }

    private static HttpRequestMessage Put(Uri address) => With(new(HttpMethod.Put, address) { Content = new ByteArrayContent([]) });

    private static HttpRequestMessage Delete(Uri address) => With(new(HttpMethod.Delete, address));

    private static HttpRequestMessage With(HttpRequestMessage request)
    {
        request.Headers.Add("x-ms-version", Http.Version);
        return request;
    }
}
