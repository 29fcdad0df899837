using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.ClientMatrix;

[Long]
[Requires(Capability.Node, Capability.Npm, Capability.Java)]
public sealed class JavaHttpClientTests(MatrixRuns runs) : ClientTests(runs, Client.Java)
{
    public static IEnumerable<TheoryDataRow<string>> Cells => Matrix.RowsOf(Client.Java);

    [Theory]
    [MemberData(nameof(Cells))]
    public Task Operation_is_as_the_table_says(string operation) => AssertCellAsync(operation);
}

[Long]
[Requires(Capability.Node, Capability.Npm)]
public sealed class ObjectStoreTests(MatrixRuns runs) : ClientTests(runs, Client.ObjectStore)
{
    public static IEnumerable<TheoryDataRow<string>> Cells => Matrix.RowsOf(Client.ObjectStore);

    [Theory]
    [MemberData(nameof(Cells))]
    public Task Operation_is_as_the_table_says(string operation) => AssertCellAsync(operation);
}

[Long]
[Requires(Capability.Node, Capability.Npm)]
public sealed class OpenDalTests(MatrixRuns runs) : ClientTests(runs, Client.OpenDal)
{
    public static IEnumerable<TheoryDataRow<string>> Cells => Matrix.RowsOf(Client.OpenDal);

    [Theory]
    [MemberData(nameof(Cells))]
    public Task Operation_is_as_the_table_says(string operation) => AssertCellAsync(operation);
}

[Long]
[Requires(Capability.Node, Capability.Npm, Capability.Python, PythonModules = ["osgeo.gdal"])]
public sealed class GdalTests(MatrixRuns runs) : ClientTests(runs, Client.Gdal)
{
    public static IEnumerable<TheoryDataRow<string>> Cells => Matrix.RowsOf(Client.Gdal);

    [Theory]
    [MemberData(nameof(Cells))]
    public Task Operation_is_as_the_table_says(string operation) => AssertCellAsync(operation);
}

[Long]
[Requires(Capability.Node, Capability.Npm)]
public sealed class MicrosoftAzureStorageTests(MatrixRuns runs) : ClientTests(runs, Client.MicrosoftAzureStorage)
{
    public static IEnumerable<TheoryDataRow<string>> Cells => Matrix.RowsOf(Client.MicrosoftAzureStorage);

    [Theory]
    [MemberData(nameof(Cells))]
    public Task Operation_is_as_the_table_says(string operation) => AssertCellAsync(operation);
}

[Long]
[Requires(Capability.Node, Capability.Npm)]
public sealed class WindowsAzureStorageTests(MatrixRuns runs) : ClientTests(runs, Client.WindowsAzureStorage)
{
    public static IEnumerable<TheoryDataRow<string>> Cells => Matrix.RowsOf(Client.WindowsAzureStorage);

    [Theory]
    [MemberData(nameof(Cells))]
    public Task Operation_is_as_the_table_says(string operation) => AssertCellAsync(operation);
}

[Long]
[Requires(Capability.Node, Capability.Npm)]
public sealed class AzureStorageTests(MatrixRuns runs) : ClientTests(runs, Client.AzureStorage)
{
    public static IEnumerable<TheoryDataRow<string>> Cells => Matrix.RowsOf(Client.AzureStorage);

    [Theory]
    [MemberData(nameof(Cells))]
    public Task Operation_is_as_the_table_says(string operation) => AssertCellAsync(operation);
}

[Long]
[Requires(Capability.Node, Capability.Npm, Capability.PostgreSql, Capability.PgBackRest)]
public sealed class PgBackRestTests(MatrixRuns runs) : ClientTests(runs, Client.PgBackRest)
{
    public static IEnumerable<TheoryDataRow<string>> Cells => Matrix.RowsOf(Client.PgBackRest);

    [Theory]
    [MemberData(nameof(Cells))]
    public Task Operation_is_as_the_table_says(string operation) => AssertCellAsync(operation);
}

[Long]
[Requires(Capability.Node, Capability.Npm, Capability.PostgreSql, Capability.BarmanCloud)]
public sealed class BarmanTests(MatrixRuns runs) : ClientTests(runs, Client.Barman)
{
    public static IEnumerable<TheoryDataRow<string>> Cells => Matrix.RowsOf(Client.Barman);

    [Theory]
    [MemberData(nameof(Cells))]
    public Task Operation_is_as_the_table_says(string operation) => AssertCellAsync(operation);
}
