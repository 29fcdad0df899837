namespace TokenBroker.Tests.Fuzzing;

/// <summary>Reads a batch that the product wrote, and takes nothing but what it should write: every byte is accounted for.</summary>
internal static class WrittenBatch
{
    private const string Type = "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n";

    public static List<(string Method, string Target, IReadOnlyDictionary<string, string> Headers)> Read(string text, string boundary)
    {
        var parts = new List<(string, string, IReadOnlyDictionary<string, string>)>();
        FuzzViolation.If(text.Split(boundary).Length != text.Split("--" + boundary).Length, "The boundary stands within a part.");
        var end = $"--{boundary}--\r\n";
        FuzzViolation.If(!text.EndsWith(end, StringComparison.Ordinal), "The end is missing.");
        foreach (var piece in text[..^end.Length].Split($"--{boundary}\r\n").Skip(1))
            parts.Add(ReadPart(piece));
        return parts;
    }

    private static (string Method, string Target, IReadOnlyDictionary<string, string> Headers) ReadPart(string piece)
    {
        FuzzViolation.If(!piece.StartsWith(Type, StringComparison.Ordinal), "A part is no request.");
        var lines = piece[Type.Length..].Split("\r\n").ToList();
        if (lines[0].StartsWith("Content-ID: ", StringComparison.Ordinal))
            lines.RemoveAt(0);
        FuzzViolation.If(lines is not ["", _, .., "", ""] || lines.Any(line => line.AsSpan().ContainsAny('\r', '\n', '\0')), "A part has other lines.");
        FuzzViolation.If(lines[1].Split(' ') is not [_, ['/', ..], "HTTP/1.1"], $"A request line is '{lines[1]}'.");
        var headers = new Dictionary<string, string>();
        foreach (var line in lines[2..^2])
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            FuzzViolation.If(colon <= 0 || line[..colon].AsSpan().ContainsAnyExceptInRange('!', '~'), $"A header is '{line}'.");
            FuzzViolation.If(!headers.TryAdd(line[..colon].ToLowerInvariant(), line[(colon + 1)..].Trim()), $"A header is there twice: {line[..colon]}.");
        }

        var request = lines[1].Split(' ');
        return (request[0], request[1], headers);
    }
}
