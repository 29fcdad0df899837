using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.ClientMatrix;

/// <summary>
/// Tools that only know the storage emulator: what such a client sees through the sidecar is what the same client sees of
/// storage directly, for every cell of the matrix.
/// </summary>
[Collection(MatrixSequence.Name)]
[Long]
[Requires(Capability.Node, Capability.Npm, Capability.NetworkNamespaces, Capability.Python, PythonModules = ["azure.storage.blob"])]
public sealed class EmulatorTests(MatrixRuns direct, EmulatorRuns runs) : IClassFixture<EmulatorRuns>
{
    private static readonly Client[] Clients = [Client.DotNet, Client.JavaScript, Client.Python];

    public static IEnumerable<TheoryDataRow<string, string>> Cells =>
        from cell in Matrix.Cells
        where Clients.Contains(cell.Client) && cell.Expectation != Expectation.NotOffered
        select new TheoryDataRow<string, string>(cell.Client.Column, cell.Operation.Id);

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Client_that_is_told_to_use_the_emulator_works_with_a_real_account(string client, string operation)
    {
        var cell = Matrix.Cell(Clients.Single(one => one.Column == client), operation);

        Verdict.Assert(cell, (await direct.OfAsync(cell.Client)).Direct[operation], (await runs.OfAsync(cell.Client))[operation]);
    }
}
