using System.Text;
using TokenBroker.EndToEnd.Sidecars;

namespace TokenBroker.EndToEnd.Browser;

/// <summary>
/// The same secret in a blob for each way in which a page can take something in: as a text, and as an image, a script, a
/// style sheet and a stream of events, which a page may use across origins if a server hands them out.
/// </summary>
internal static class Blobs
{
    public const string Secret = "the-owners-secret-3141592653";

    /// <summary>What a page that sees the image knows of it.</summary>
    public const string ImageSize = "1x1";

    /// <summary>The account and the container.</summary>
    public const string Path = $"/{Scene.Account}/{Scene.Container}";

    /// <summary>The blob that a page would like to make.</summary>
    public const string OfThePage = "of-the-page";

    public static readonly IReadOnlyList<(string Kind, string Name, string Type, byte[] Content)> Files =
    [
        ("text", "secret.txt", "text/plain", Encoding.UTF8.GetBytes(Secret)),
        ("image", "secret.png", "image/png", Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")),
        ("script", "secret.js", "text/javascript", Encoding.UTF8.GetBytes($"self.stolen = '{Secret}';")),
        ("style", "secret.css", "text/css", Encoding.UTF8.GetBytes($":root {{ --stolen: '{Secret}'; }}")),
        ("events", "secret.events", "text/event-stream", Encoding.UTF8.GetBytes($"data: {Secret}\n\n")),
    ];
}
