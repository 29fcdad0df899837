using System.Text.Encodings.Web;
using System.Text.Json;

namespace TokenBroker.Tests.Fuzzing;

/// <summary>
/// Cases that once failed, or that are near to what must fail: the lines of <c>kept.txt</c>, each a surface's name and a case
/// as JSON. The inputs themselves, since a seed means another case as soon as a generator changes.
/// </summary>
internal static class KeptCases
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string LineOf<T>(string surface, T one) => $"{surface} {JsonSerializer.Serialize(one, Json)}";

    public static IReadOnlyList<T> Of<T>(string surface) =>
    [
        .. File.ReadLines(Repository.Path("tests", "TokenBroker.Tests", "Fuzzing", "kept.txt"))
            .Where(line => line.StartsWith(surface + " ", StringComparison.Ordinal))
            .Select(line => JsonSerializer.Deserialize<T>(line[(surface.Length + 1)..], Json)!),
    ];
}
