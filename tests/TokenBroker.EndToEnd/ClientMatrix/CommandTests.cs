using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.ClientMatrix;

[Requires(Capability.Node, Capability.Npm, Capability.Rclone)]
public sealed class RcloneTests(MatrixRuns runs) : ClientTests(runs, Client.Rclone)
{
    public static IEnumerable<TheoryDataRow<string>> Cells => Matrix.RowsOf(Client.Rclone);

    [Theory]
    [MemberData(nameof(Cells))]
    public Task Operation_is_as_the_table_says(string operation) => AssertCellAsync(operation);
}

[Long]
[Requires(Capability.Node, Capability.Npm, Capability.AzureCli)]
public sealed class AzTests(MatrixRuns runs) : ClientTests(runs, Client.Az)
{
    public static IEnumerable<TheoryDataRow<string>> Cells => Matrix.RowsOf(Client.Az);

    [Theory]
    [MemberData(nameof(Cells))]
    public Task Operation_is_as_the_table_says(string operation) => AssertCellAsync(operation);
}
