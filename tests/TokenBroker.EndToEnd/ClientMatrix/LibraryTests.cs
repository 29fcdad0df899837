using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.ClientMatrix;

[Requires(Capability.Node, Capability.Npm)]
public sealed class DotNetTests(MatrixRuns runs) : ClientTests(runs, Client.DotNet)
{
    public static IEnumerable<TheoryDataRow<string>> Cells => Matrix.RowsOf(Client.DotNet);

    [Theory]
    [MemberData(nameof(Cells))]
    public Task Operation_is_as_the_table_says(string operation) => AssertCellAsync(operation);
}

[Requires(Capability.Node, Capability.Npm)]
public sealed class JavaScriptTests(MatrixRuns runs) : ClientTests(runs, Client.JavaScript)
{
    public static IEnumerable<TheoryDataRow<string>> Cells => Matrix.RowsOf(Client.JavaScript);

    [Theory]
    [MemberData(nameof(Cells))]
    public Task Operation_is_as_the_table_says(string operation) => AssertCellAsync(operation);
}

[Long]
[Requires(Capability.Node, Capability.Npm, Capability.Python, PythonModules = ["azure.storage.blob"])]
public sealed class PythonTests(MatrixRuns runs) : ClientTests(runs, Client.Python)
{
    public static IEnumerable<TheoryDataRow<string>> Cells => Matrix.RowsOf(Client.Python);

    [Theory]
    [MemberData(nameof(Cells))]
    public Task Operation_is_as_the_table_says(string operation) => AssertCellAsync(operation);
}

[Long]
[Requires(Capability.Node, Capability.Npm, Capability.RubyBlobLibrary)]
public sealed class RubyTests(MatrixRuns runs) : ClientTests(runs, Client.Ruby)
{
    public static IEnumerable<TheoryDataRow<string>> Cells => Matrix.RowsOf(Client.Ruby);

    [Theory]
    [MemberData(nameof(Cells))]
    public Task Operation_is_as_the_table_says(string operation) => AssertCellAsync(operation);
}

[Long]
[Requires(Capability.Node, Capability.Npm, Capability.Python, PythonModules = ["libcloud"])]
public sealed class LibcloudTests(MatrixRuns runs) : ClientTests(runs, Client.Libcloud)
{
    public static IEnumerable<TheoryDataRow<string>> Cells => Matrix.RowsOf(Client.Libcloud);

    [Theory]
    [MemberData(nameof(Cells))]
    public Task Operation_is_as_the_table_says(string operation) => AssertCellAsync(operation);
}

[Long]
[Requires(Capability.Node, Capability.Npm, Capability.Python, PythonModules = ["django", "azure.storage.blob"])]
public sealed class DjangoTests(MatrixRuns runs) : ClientTests(runs, Client.Django)
{
    public static IEnumerable<TheoryDataRow<string>> Cells => Matrix.RowsOf(Client.Django);

    [Theory]
    [MemberData(nameof(Cells))]
    public Task Operation_is_as_the_table_says(string operation) => AssertCellAsync(operation);
}
