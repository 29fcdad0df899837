using System.Reflection;
using TokenBroker.TestSupport.Docs;
using Xunit;

namespace TokenBroker.EndToEnd.ClientMatrix;

/// <summary>The table itself: what it must hold, and that docs/clients.md says the same.</summary>
public class MatrixTests
{
    /// <summary>
    /// The least that is run: what these clients were seen to do behind a proxy that does no more than attach a token, or
    /// would do with a rewrite; C where the client itself refuses or alters, A where Azurite lacks it.
    /// </summary>
    private const string Minimum = """
                            JavaScript .NET Python Ruby rclone az
        create              ok         ok   ok     ok   ok     ok
        put-get             ok         ok   ok     ok   ok     ok
        range               ok         ok   ok     ok   ok     ok
        staged              ok         ok   ok     ok   ok     ok
        list                ok         ok   ok     ok   ok     ok
        delete              ok         ok   ok     ok   ok     ok
        snapshot            ok         ok   ok     ok   –      ok
        lease               ok         ok   ok     ok   –      ok
        conditional         ok         ok   ok     ok   –      –
        tags                ok         ok   ok     –    –      –
        append              ok         ok   ok     ok   –      –
        page                ok         ok   ok     ok   –      –
        names               ok         ok   ok     ok   ok     ok
        name-leading-slash  ok         C    ok     C    –      –
        name-backslash      C          C    ok     –    –      –
        name-dot-dot        C          C    C      –    –      –
        metadata-umlaut     ok         C    ok     ok   –      –
        batch               ok         –    ok     –    –      ok
        copy                ok         ok   ok     ok   ok     ok
        copy-sync           ok         ok   ok     –    –      –
        put-from-url        A          A    A      –    –      –
        block-from-url      A          A    A      –    –      –
        append-from-url     A          A    A      –    –      –
        page-from-url       A          A    A      –    –      –
        sas                 ok         ok   ok     ok   –      ok
        sas-headers         ok         ok   ok     ok   –      ok
        delegation-key      ok         ok   ok     –    –      –
        account-info        ok         ok   ok     –    –      –
        acl                 A          A    A      A    –      A
        """;

    [Fact]
    public void Table_holds_every_cell_of_the_minimum()
    {
        var lines = Minimum.Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToList();
        foreach (var line in lines.Skip(1))
        {
            foreach (var (column, mark) in lines[0].Zip(line.Skip(1)))
            {
                var cell = Matrix.Cell(Client.All.Single(client => client.Column == column), line[0]);
                Assert.True(Fits(mark, cell.Expectation), $"{column}, {line[0]}: {mark}, but the table has {cell.Expectation}");
            }
        }
    }

    [Fact]
    public void Every_client_has_a_class_of_tests()
    {
        var tested = typeof(ClientTests).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(ClientTests)) && !type.IsAbstract)
            .Select(type => type.GetProperty("Cells", BindingFlags.Public | BindingFlags.Static)?.GetValue(null))
            .Cast<IEnumerable<TheoryDataRow<string>>>().Select(rows => rows.Count()).Order();
        var expected = Client.All.Select(client => Matrix.Cells.Count(cell => cell.Client == client && cell.Expectation != Expectation.NotOffered)).Order();

        Assert.Equal(expected, tested);
    }

    [Fact]
    public void Document_has_the_table() => AssertDocumented("matrix", Client.Common);

    [Fact]
    public void Document_has_the_table_of_further_clients() => AssertDocumented("further clients", Client.Further);

    /// <summary>The rows that one of the clients has.</summary>
    private static void AssertDocumented(string table, IReadOnlyList<Client> clients)
    {
        var rows = from operation in Operation.All
                   let cells = clients.Select(client => Matrix.Cell(client, operation.Id)).ToList()
                   where cells.Any(cell => cell.Expectation != Expectation.NotOffered)
                   select (string[])[operation.Row, .. cells.Select(MarkOf)];
        new Table(DocumentedLines.Document, table, ["operation", .. clients.Select(client => client.Column)]).Check(rows);
    }

    private static string MarkOf(Cell cell) => cell.Expectation switch
    {
        Expectation.Equal or SucceedsAlone => "ok",
        Expectation.Absent => "–",
        ClientRefuses => "client",
        ClientAlters alters => $"client: `{alters.Listed}`",
        AzuriteLacks => StrictStorageTests.Runs(cell) ? "ok at the stub" : "emulator",
        AzuriteKeepsFromBearers => "emulator",
        SidecarRefuses refuses => $"{refuses.Status} `{refuses.Reason}`",
        _ => throw new InvalidOperationException($"{cell.Expectation} has no mark"),
    };

    private static bool Fits(string mark, Expectation expectation) => mark switch
    {
        "ok" => expectation is Expectation.Equal or SucceedsAlone or SidecarRefuses,
        "C" => expectation is ClientRefuses or ClientAlters,
        "A" => expectation is AzuriteLacks or AzuriteKeepsFromBearers,
        "–" => true,
        _ => false,
    };
}
