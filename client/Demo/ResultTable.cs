using System.Globalization;
using Spectre.Console;

namespace TokenBroker.Client.Demo;

/// <summary>The table at the end, and below it a line for each row that failed.</summary>
internal static class ResultTable
{
    private const int NarrowestFile = 80;

    public static void Write(IReadOnlyCollection<ComparisonRow> rows)
    {
        // A file has no width, and the console's default would wrap the columns.
        if (Console.IsOutputRedirected)
            AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, NarrowestFile);

        AnsiConsole.Write(Build(rows));
        foreach (var row in rows.Where(row => row.Failure is not null))
            Console.WriteLine($"{row.Operation.Name()} {ByteSize.Format(row.SizeBytes)}: {row.Failure}");
    }

    private static Table Build(IReadOnlyCollection<ComparisonRow> rows)
    {
        var table = new Table().Border(TableBorder.Simple).Caption("milliseconds; ratio of the medians, proxied to direct", new Style(decoration: Decoration.Dim));
        table.AddColumns(
            Left("operation"), Right("size"), Right("direct p50"), Right("p95"), Right("proxied p50"), Right("p95"), Right("ratio"), Left("identical"));
        foreach (var row in rows)
        {
            table.AddRow(
                row.Operation.Name(), ByteSize.Format(row.SizeBytes),
                Number(row.Direct?.P50), Number(row.Direct?.P95), Number(row.Proxied?.P50), Number(row.Proxied?.P95),
                Number(row.Ratio), row.Identical ? "[green]yes[/]" : "[red]no[/]");
        }

        return table;
    }

    private static TableColumn Left(string title) => new TableColumn(title).NoWrap().PadLeft(0).PadRight(1);

    private static TableColumn Right(string title) => new TableColumn(title).NoWrap().RightAligned().PadLeft(0).PadRight(1);

    // Three significant digits: more would be noise and would not fit on a terminal with 80 columns.
    private static string Number(double? value) =>
        value?.ToString(value < 10 ? "0.00" : value < 100 ? "0.0" : "0", CultureInfo.InvariantCulture) ?? "-";
}
