using System.Text.Json.Nodes;
using TokenBroker.TestSupport.Processes;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.ClientMatrix;

/// <summary>
/// A caller key takes nothing from a client that signs with it: every cell of the matrix that succeeds without one succeeds.
/// From a client that signs with another it takes everything.
/// </summary>
[Collection(MatrixSequence.Name)]
[Long]
[Requires(Capability.Node, Capability.Npm, Capability.Python, Capability.RubyBlobLibrary, Capability.Duplicity, Capability.Curl)]
[Requires(PythonModules = ["azure.storage.blob", "libcloud", "django"])]
public sealed class CallerKeyTests(CallerKeyRuns runs) : IClassFixture<CallerKeyRuns>
{
    /// <summary>Those that sign by themselves, and rclone and curl, which have a SAS.</summary>
    private static readonly Client[] WithTheKey =
        [Client.DotNet, Client.JavaScript, Client.Python, Client.Ruby, Client.Libcloud, Client.Rclone, Client.Curl, Client.Duplicity, Client.Django,
        Client.OpenDal, Client.AzureStorage, Client.MicrosoftAzureStorage];

    /// <summary>Those that say, for each operation by itself, what they were told.</summary>
    private static readonly Client[] WithAnother = [Client.DotNet, Client.JavaScript, Client.Python, Client.Ruby, Client.Libcloud, Client.Rclone];

    public static IEnumerable<TheoryDataRow<string>> NamesWithTheKey => WithTheKey.Select(client => new TheoryDataRow<string>(client.Column));

    public static IEnumerable<TheoryDataRow<string>> NamesWithAnother => WithAnother.Select(client => new TheoryDataRow<string>(client.Column));

    [Theory]
    [MemberData(nameof(NamesWithTheKey))]
    public async Task Client_with_the_key_does_all_that_it_does_without_one(string name)
    {
        var client = Client.All.Single(client => client.Column == name);
        if (client == Client.Rclone)
            Assert.SkipWhen(Executable.Find("rclone") is null, "rclone is not installed");
        var seen = await runs.OfAsync(client, hasKey: true);

        Assert.All(Matrix.Cells.Where(cell => cell.Client == client && cell.Expectation is Expectation.Equal or SucceedsAlone), cell =>
            Assert.True(seen.TryGetValue(cell.Operation.Id, out var result) && Verdict.IsSuccess(result), $"{cell.Operation}: {result?.ToJsonString()}"));
    }

    /// <summary>Without a caller key this is refused: the sidecar cannot check the SAS, and the version is missing.</summary>
    [Fact]
    public async Task Plain_http_client_reads_a_signed_address_without_a_version()
    {
        var result = (await runs.OfAsync(Client.OpenDal, hasKey: true))["sas"];

        Assert.True(Verdict.IsSuccess(result), result.ToJsonString());
        Assert.IsType<SidecarRefuses>(Matrix.Cell(Client.OpenDal, "sas").Expectation);
    }

    [Theory]
    [MemberData(nameof(NamesWithAnother))]
    public async Task Client_with_another_key_does_nothing(string name)
    {
        var client = Client.All.Single(client => client.Column == name);
        if (client == Client.Rclone)
            Assert.SkipWhen(Executable.Find("rclone") is null, "rclone is not installed");
        var seen = await runs.OfAsync(client, hasKey: false);

        Assert.NotEmpty(seen);
        Assert.All(seen, result => Assert.True(IsForbidden(client, result.Key, result.Value), $"{result.Key}: {result.Value.ToJsonString()}"));
    }

    /// <summary>403 in the client's words, or a refusal that is there without a key as well.</summary>
    private static bool IsForbidden(Client client, string operation, JsonObject result) =>
        result["ok"]?.GetValue<bool>() != true
        && (result.ToJsonString().Contains("403", StringComparison.Ordinal)
            || Matrix.Cell(client, operation).Expectation is ClientRefuses or SidecarRefuses
            || result.ToJsonString().Contains("AuthenticationFailed", StringComparison.Ordinal)
            || result["error"]?.GetValue<string>() == "InvalidCredsError"); // libcloud's, for 403 alone
}
