using System.Text;
using Xunit;

namespace TokenBroker.TestSupport.Docs;

/// <summary>
/// A table of a document that is written from the code, between <c>&lt;!-- table: NAME --&gt;</c> and <c>&lt;!-- end --&gt;</c>.
/// With <c>TOKENBROKER_WRITE_DOCS=1</c> it is written anew; otherwise it must be what would be written. A last column may be
/// a person's: it is taken over row by row from what stands there, and must not be empty.
/// </summary>
public sealed class Table(string document, string name, IReadOnlyList<string> columns, string? ownWords = null)
{
    private const string End = "<!-- end -->";

    private string Start => $"<!-- table: {name} -->\n";

    public void Check(IEnumerable<string[]> rows)
    {
        var text = File.ReadAllText(Repository.PathOf(document));
        var start = text.IndexOf(Start, StringComparison.Ordinal) + Start.Length;
        var end = text.IndexOf(End, Math.Max(0, start), StringComparison.Ordinal);
        Assert.True(start >= Start.Length && end >= start, $"{document} has lost the marks of the table '{name}'.");

        var written = text[start..end];
        var expected = Render(rows, ownWords is null ? [] : OwnWordsOf(written));
        if (written == expected)
            return;
        if (Environment.GetEnvironmentVariable("TOKENBROKER_WRITE_DOCS") == "1")
            File.WriteAllText(Repository.PathOf(document), text[..start] + expected + text[end..]);
        else
            Assert.Fail($"The table '{name}' of {document} is not what the code says. TOKENBROKER_WRITE_DOCS=1 writes it anew. Expected:\n{expected}");
    }

    private string Render(IEnumerable<string[]> rows, Dictionary<string, string> words)
    {
        List<string> all = ownWords is null ? [.. columns] : [.. columns, ownWords];
        var text = new StringBuilder().Append("| ").AppendJoin(" | ", all).Append(" |\n|");
        text.AppendJoin("", all.Select(_ => "---|")).Append('\n');
        foreach (var row in rows)
        {
            Assert.Equal(columns.Count, row.Length);
            text.Append("| ").AppendJoin(" | ", row.Select(Cell));
            if (ownWords is not null)
                text.Append(" | ").Append(words.TryGetValue(Cell(row[0]), out var own) && own.Length > 0 ? own : Missing(row[0]));
            text.Append(" |\n");
        }

        return text.ToString();
    }

    /// <summary>What a person wrote into the last column, by the first.</summary>
    private static Dictionary<string, string> OwnWordsOf(string written) =>
        (from line in written.Split('\n').Skip(2)
         let cells = line.Trim('|', ' ').Split(" | ")
         where cells.Length > 1
         select (cells[0], cells[^1])).DistinctBy(pair => pair.Item1).ToDictionary(pair => pair.Item1, pair => pair.Item2);

    private string Missing(string row)
    {
        Assert.True(Environment.GetEnvironmentVariable("TOKENBROKER_WRITE_DOCS") == "1",
            $"The table '{name}' of {document} has no words for {row}.");
        return "…";
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
