using System.Globalization;
using System.Net;

namespace TokenBroker.EndToEnd.Sidecars;

/// <summary>The TCP sockets that a process of Linux holds, as the kernel has them.</summary>
internal static class TcpSockets
{
    private const string Listening = "0A";

    /// <summary>The addresses that it listens on.</summary>
    public static IReadOnlyList<IPEndPoint> Listeners(int process) =>
        [.. Rows(process).Where(row => row.State == Listening).Select(row => row.Local)];

    /// <summary>Its connections, whatever state they are in: also those that the peer has closed and it has not.</summary>
    public static IReadOnlyList<(IPEndPoint Local, IPEndPoint Remote)> Connections(int process) =>
        [.. Rows(process).Where(row => row.State != Listening).Select(row => (row.Local, row.Remote))];

    private static IEnumerable<(IPEndPoint Local, IPEndPoint Remote, string State)> Rows(int process)
    {
        var inodes = new DirectoryInfo($"/proc/{process}/fd").GetFileSystemInfos()
            .Select(file => file.LinkTarget).OfType<string>()
            .Where(target => target.StartsWith("socket:[", StringComparison.Ordinal))
            .Select(target => target["socket:[".Length..^1]).ToHashSet();
        return new[] { "tcp", "tcp6" }.SelectMany(table => File.ReadLines($"/proc/{process}/net/{table}").Skip(1))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(columns => inodes.Contains(columns[9]))
            .Select(columns => (Parse(columns[1]), Parse(columns[2]), columns[3]));
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
