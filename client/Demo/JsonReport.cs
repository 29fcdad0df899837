using System.Text.Encodings.Web;
using System.Text.Json;

namespace TokenBroker.Client.Demo;

/// <summary>
/// The file of `--json`. It is opened before anything is started, so that a path that cannot be written fails at once. A
/// run that does not finish leaves the previous content.
/// </summary>
internal sealed class JsonReport : IDisposable
{
    private static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly FileStream _file;
    private readonly bool _isNew;
    private bool _written;

    private JsonReport(FileStream file, bool isNew)
    {
        _file = file;
        _isNew = isNew;
    }

    public static JsonReport Open(string path)
    {
        var isNew = !File.Exists(path);
        return new JsonReport(new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read), isNew);
    }

    public void Write(IEnumerable<ComparisonRow> rows, RunFacts facts)
    {
        _file.SetLength(0);
        JsonSerializer.Serialize(_file, new { Rows = rows.Select(RowOf), Environment = facts }, Format);
        _file.WriteByte((byte)'\n');
        _written = true;
    }

    public void Dispose()
    {
        _file.Dispose();
        if (_isNew && !_written)
            File.Delete(_file.Name);
    }

    private static object RowOf(ComparisonRow row) => new
    {
        Operation = row.Operation.Name(),
        row.SizeBytes,
        DirectP50Ms = Round(row.Direct?.P50),
        DirectP95Ms = Round(row.Direct?.P95),
        ProxiedP50Ms = Round(row.Proxied?.P50),
        ProxiedP95Ms = Round(row.Proxied?.P95),
        Ratio = Round(row.Ratio),
        row.Identical,
    };

    private static double? Round(double? value) => value is { } number ? Math.Round(number, 3) : null;
}
