using System.Text;
using TokenBroker.TestSupport;

namespace TokenBroker.EndToEnd.Secrets;

/// <summary>Everything that a run of the sidecar let out, by the place where it came out.</summary>
internal sealed class CapturedOutput
{
    private readonly Dictionary<string, byte[]> _places = [];

    public IReadOnlyDictionary<string, byte[]> Places => _places;

    public void Add(string place, byte[] content) => _places.Add(place, content);

    public void Add(string place, string content) => Add(place, Encoding.UTF8.GetBytes(content));

    public string Text(string place) => Encoding.UTF8.GetString(_places[place]);

    public IReadOnlyList<Find> Search(OutputSearch search) => [.. _places.SelectMany(place => search.In(place.Value, place.Key))];

    /// <summary>The same with a secret planted in the middle of each place, in the encoding of strings there.</summary>
    public CapturedOutput WithPlanted(string secret)
    {
        var planted = new CapturedOutput();
        foreach (var (place, content) in _places)
        {
            // The runtime writes the strings of its events in UTF-16.
            var bytes = (place.EndsWith(".nettrace", StringComparison.Ordinal) ? Encoding.Unicode : Encoding.UTF8).GetBytes(secret);
            var middle = content.Length / 2;
            planted.Add(place, [.. content[..middle], .. bytes, .. content[middle..]]);
        }

        return planted;
    }
}
