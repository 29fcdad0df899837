using System.Collections.Frozen;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace TokenBroker.Configuration;

/// <summary>The Host values that a client of one listener sends. Names match as a whole, whatever their case.</summary>
internal sealed class HostNames
{
    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _withOwnPort;
    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _withAnyPort;
    private readonly FrozenSet<string> _exact;

    private HostNames(IEnumerable<string> withOwnPort, IReadOnlyList<string> further)
    {
        _withOwnPort = Set(withOwnPort).GetAlternateLookup<ReadOnlySpan<char>>();
        _withAnyPort = Set(further.Where(host => !host.Contains(':'))).GetAlternateLookup<ReadOnlySpan<char>>();
        _exact = Set(further.Where(host => host.Contains(':')));
    }

    /// <summary>The listener's address, <c>localhost</c>, the accounts' host-style names, and what <c>--host</c> adds.</summary>
    public static HostNames ForData(BrokerOptions options) =>
        new([.. Own(options.Listen.Address), .. options.Accounts.SelectMany(HostStyle.NamesOf)], options.Hosts);

    /// <summary>The listener's address and <c>localhost</c> alone.</summary>
    public static HostNames ForAdmin(BrokerOptions options) => new(Own(options.Admin.Address), []);

    /// <param name="host">The header's value: NAME or NAME:PORT.</param>
    /// <param name="localPort">The port of the listener that the request came in by.</param>
    public bool Allow(string host, int localPort)
    {
        var name = HostStyle.NameOf(host);
        var rest = host.AsSpan(name.Length);
        ushort port = 0;
        // A bare name passes: a page cannot choose it either, and some clients leave the port out.
        if (rest.Length > 0 && !(rest[0] == ':' && ushort.TryParse(rest[1..], NumberStyles.None, CultureInfo.InvariantCulture, out port)))
            return false;
        return _withAnyPort.Contains(name)
            || _exact.Contains(host)
            || ((rest.IsEmpty || port == localPort) && _withOwnPort.Contains(name));
    }

    private static IEnumerable<string> Own(IPAddress listen) =>
        listen.Equals(IPAddress.Any) || listen.Equals(IPAddress.IPv6Any)
            ? ["localhost", "127.0.0.1", "[::1]"]
            : ["localhost", listen.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{listen}]" : listen.ToString()];

    private static FrozenSet<string> Set(IEnumerable<string> names) => names.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
}
