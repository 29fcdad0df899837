using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.ClientMatrix;

/// <summary>
/// The cells that Azurite cannot vouch for, against a stub that is as strict as storage: it demands a bearer, a version and,
/// for the source of a copy, a token of its own; and it refuses a SAS beside a bearer.
/// </summary>
[Collection(MatrixSequence.Name)]
[Long]
[Requires(Capability.Node, Capability.Npm, Capability.Python, PythonModules = ["azure.storage.blob"])]
public sealed class StrictStorageTests(StrictStorageRuns runs) : IClassFixture<StrictStorageRuns>
{
    private static readonly Client[] Clients = [Client.DotNet, Client.JavaScript, Client.Python];

    /// <summary>What Azurite has no word for, and what it lets through too easily.</summary>
    private static readonly string[] Operations =
        ["create", "put-get", "put-from-url", "block-from-url", "append-from-url", "page-from-url", "copy", "copy-sync", "sas", "sas-headers", "batch"];

    public static IEnumerable<TheoryDataRow<string, string>> Cells =>
        Matrix.Cells.Where(Runs).Select(cell => new TheoryDataRow<string, string>(cell.Client.Column, cell.Operation.Id));

    /// <summary>Whether a cell of the matrix is run here too.</summary>
    internal static bool Runs(Cell cell) =>
        Clients.Contains(cell.Client) && Operations.Contains(cell.Operation.Id) && cell.Expectation != Expectation.NotOffered;

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Operation_succeeds_at_a_storage_that_is_strict(string client, string operation)
    {
        var run = await runs.OfAsync(Clients.Single(one => one.Column == client));

        Assert.True(run.Seen.TryGetValue(operation, out var result), $"the driver of {client} does not run {operation}");
        Assert.True(result["ok"]?.GetValue<bool>() == true, $"{client}, {operation}: {result.ToJsonString()}");
    }

    [Theory]
    [InlineData(".NET")]
    [InlineData("JavaScript")]
    [InlineData("Python")]
    public async Task Storage_sees_a_bearer_for_the_request_and_one_for_the_source_and_nothing_of_the_clients_own(string client)
    {
        var run = await runs.OfAsync(Clients.Single(one => one.Column == client));

        Assert.NotEmpty(run.Requests);
        Assert.All(run.Requests, request =>
        {
            Assert.NotNull(request.Bearer);
            Assert.DoesNotContain("sig=", request.RawTarget, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("sig=", request.Header("x-ms-copy-source") ?? "", StringComparison.OrdinalIgnoreCase);
        });
        // Put Blob, Block, Append and Page from URL, and the synchronous copy.
        Assert.True(run.Requests.Count(request => request.SourceBearer is not null && request.Status is 201 or 202) >= 5);
    }
}
