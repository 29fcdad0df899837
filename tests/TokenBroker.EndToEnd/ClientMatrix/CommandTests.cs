using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.ClientMatrix;

[Long]
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

[Long]
[Requires(Capability.Node, Capability.Npm, Capability.Duplicity)]
public sealed class DuplicityTests(MatrixRuns runs) : ClientTests(runs, Client.Duplicity)
{
    public static IEnumerable<TheoryDataRow<string>> Cells => Matrix.RowsOf(Client.Duplicity);

    [Theory]
    [MemberData(nameof(Cells))]
    public Task Operation_is_as_the_table_says(string operation) => AssertCellAsync(operation);
}

[Requires(Capability.Node, Capability.Npm, Capability.Curl)]
public sealed class CurlTests(MatrixRuns runs) : ClientTests(runs, Client.Curl)
{
    public static IEnumerable<TheoryDataRow<string>> Cells => Matrix.RowsOf(Client.Curl);

    [Theory]
    [MemberData(nameof(Cells))]
    public Task Operation_is_as_the_table_says(string operation) => AssertCellAsync(operation);
}
