using System.Globalization;
using System.Text;
using TokenBroker.TestSupport;

namespace TokenBroker.EndToEnd.RealAzure;

/// <summary>What was seen of a real account, as a file for people: statuses and codes, never a token or a name of a blob.</summary>
internal sealed class Observations
{
    private readonly List<(string What, string Seen)> _rows = [];

    public void Add(string what, string seen) => _rows.Add((what, seen));

    /// <summary>Writes <c>TestResults/real-azure/ACCOUNT.md</c> and gives its path.</summary>
    public string Write(string account)
    {
        var directory = Directory.CreateDirectory(Repository.PathOf("TestResults/real-azure"));
        var file = Path.Combine(directory.FullName, $"{account}.md");
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"# {account}, {TimeProvider.System.GetUtcNow():u}\n\n| what | seen |\n|---|---|\n");
        foreach (var (what, seen) in _rows)
            text.Append(CultureInfo.InvariantCulture, $"| {what} | {seen.Replace('|', '/')} |\n");
        File.WriteAllText(file, text.ToString());
        return file;
    }
}
