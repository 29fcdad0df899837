using System.Collections.Frozen;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace TokenBroker.Configuration;

/// <summary>
/// The Host values that clients of the data listeners, or of the admin listener, send. Names must match completely; case is
/// ignored.
/// </summary>
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

    /// <summary>The listeners' addresses, <c>localhost</c>, the accounts' host-style names, and what <c>--host</c> adds.</summary>
    public static HostNames ForData(BrokerOptions options) =>
        new([.. options.Listen.SelectMany(Own), .. options.Accounts.SelectMany(HostStyle.NamesOf)], options.Hosts);

    /// <summary>Only the listener's addresses and <c>localhost</c>.</summary>
    public static HostNames ForAdmin(BrokerOptions options) => new(Own(options.Admin), []);

    /// <param name="host">The header's value: NAME or NAME:PORT.</param>
    /// <param name="localPort">The port of the listener that received the request.</param>
    public bool Allow(string host, int localPort)
    {
        var name = HostStyle.NameOf(host);
        var rest = host.AsSpan(name.Length);
        ushort port = 0;
        // A name without a port is accepted: some clients omit the port, and a web page cannot do so.
        if (rest.Length > 0 && !(rest[0] == ':' && ushort.TryParse(rest[1..], NumberStyles.None, CultureInfo.InvariantCulture, out port)))
            return false;
        return _withAnyPort.Contains(name)
            || _exact.Contains(host)
            || ((rest.IsEmpty || port == localPort) && _withOwnPort.Contains(name));
    }

    private static IEnumerable<string> Own(ListenAddress listen) =>
        listen.IsLocalhost || listen.Address.Equals(IPAddress.Any) || listen.Address.Equals(IPAddress.IPv6Any)
            ? ["localhost", "127.0.0.1", "[::1]"]
            : ["localhost", listen.Address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{listen.Address}]" : listen.Address.ToString()];

    private static FrozenSet<string> Set(IEnumerable<string> names) => names.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
}
