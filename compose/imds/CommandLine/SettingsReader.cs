using System.Globalization;
using System.Net;

namespace TokenBroker.Imds.CommandLine;

/// <summary>Turns texts into settings and collects every fault, each one line: setting, value, cure.</summary>
internal sealed class SettingsReader
{
    private readonly List<string> _problems = [];

    internal IReadOnlyList<string> Problems => _problems;

    internal void Report(IEnumerable<string> problems) => _problems.AddRange(problems);

    /// <summary><c>http://ADDRESS:PORT</c>: an address and not a name, because a name could have several addresses.</summary>
    internal IPEndPoint Listen(string setting, string? text, IPEndPoint fallback)
    {
        if (text is null)
            return fallback;
        if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri is { Scheme: "http", PathAndQuery: "/", UserInfo: "", Fragment: "" }
            && IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address))
            return new(address, uri.Port);
        return Fail(setting, text, "write http://ADDRESS:PORT with an IP address, such as http://127.0.0.1:0 (0: a free port)", fallback);
    }

    internal TimeSpan Duration(string setting, string? text, TimeSpan fallback) =>
        text is null ? fallback
        : Durations.TryRead(text, out var duration) && duration >= TimeSpan.Zero ? duration
        : Fail(setting, text, "write a duration such as 90s, 15m or 24h", fallback);

    internal int Count(string setting, string? text, int fallback) =>
        text is null ? fallback
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count
        : Fail(setting, text, "write a whole number", fallback);

    internal double Share(string setting, string? text, double fallback) =>
        text is null ? fallback
        : double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share) ? share
        : Fail(setting, text, "write a share such as 0.5", fallback);

    internal Guid Id(string setting, string? text, Guid fallback) =>
        text is null ? fallback
        : Guid.TryParse(text, out var id) ? id
        : Fail(setting, text, "write a GUID", fallback);

    internal T Fail<T>(string setting, string text, string cure, T fallback)
    {
        _problems.Add($"{setting}: '{text}' cannot be read: {cure}");
        return fallback;
    }
}
