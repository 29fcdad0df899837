using Xunit;

namespace TokenBroker.EndToEnd.ClientMatrix;

/// <summary>The tests that every client has.</summary>
[Collection(MatrixSequence.Name)]
public abstract class ClientTests
{
    private readonly MatrixRuns _runs;
    private readonly Client _client;

    private protected ClientTests(MatrixRuns runs, Client client) => (_runs, _client) = (runs, client);

    [Fact]
    public async Task Storage_lets_in_every_request_by_its_bearer()
    {
        var admitted = (await _runs.OfAsync(_client)).Admitted;

        Assert.True(admitted.ByBearer > 0, "none came");
        Assert.Equal(0, admitted.WithoutBearer);
    }

    [Fact]
    public async Task Driver_runs_what_the_table_has_and_nothing_else()
    {
        var run = await _runs.OfAsync(_client);
        var expected = Matrix.Cells.Where(cell => cell.Client == _client && cell.Expectation != Expectation.NotOffered).Select(cell => cell.Operation.Id).Order();

        Assert.Equal(expected, run.Proxied.Keys.Order());
        Assert.Equal(run.Direct.Keys.Order(), run.Proxied.Keys.Order());
    }

    private protected async Task AssertCellAsync(string operation)
    {
        var run = await _runs.OfAsync(_client);
        Assert.True(run.Direct.ContainsKey(operation) && run.Proxied.ContainsKey(operation), $"the driver of {_client} does not run {operation}");
        Verdict.Assert(Matrix.Cell(_client, operation), run.Direct[operation], run.Proxied[operation]);
    }
}
