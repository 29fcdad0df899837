using System.Globalization;
using System.Net;

namespace TokenBroker.EndToEnd.ForeignSettings;

/// <summary>The TCP addresses that a process of Linux listens on, as the kernel has them.</summary>
internal static class ListeningSockets
{
    private const string Listening = "0A";

    public static IReadOnlyList<IPEndPoint> Of(int process)
    {
        var inodes = new DirectoryInfo($"/proc/{process}/fd").GetFileSystemInfos()
            .Select(file => file.LinkTarget).OfType<string>()
            .Where(target => target.StartsWith("socket:[", StringComparison.Ordinal))
            .Select(target => target["socket:[".Length..^1]).ToHashSet();
        return [.. new[] { "tcp", "tcp6" }.SelectMany(table => File.ReadLines($"/proc/{process}/net/{table}").Skip(1))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(columns => columns[3] == Listening && inodes.Contains(columns[9]))
            .Select(columns => Parse(columns[1]))];
    }

    // "0100007F:2AF8": the address as words in the byte order of the machine, little-endian on all that .NET runs on here.
    private static IPEndPoint Parse(string text)
    {
        var (address, port) = (Convert.FromHexString(text[..^5]), int.Parse(text[^4..], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        for (var word = 0; word < address.Length; word += 4)
            Array.Reverse(address, word, 4);
        return new IPEndPoint(new IPAddress(address), port);
    }
}
