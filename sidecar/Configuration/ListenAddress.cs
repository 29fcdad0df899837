using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace TokenBroker.Configuration;

/// <summary>An address to listen on, as a URL: <c>http://127.0.0.1:11000</c>. Port 0 lets the system choose.</summary>
/// <param name="Address">For <c>localhost</c>: 127.0.0.1, the address that works with every SDK.</param>
/// <param name="Port">The port.</param>
/// <param name="IsHttps">True for https.</param>
/// <param name="IsLocalhost">Both loopback addresses, 127.0.0.1 and ::1, with one port: resolvers return either of them for that name.</param>
internal sealed record ListenAddress(IPAddress Address, int Port, bool IsHttps = false, bool IsLocalhost = false)
{
    public string Scheme => IsHttps ? "https" : "http";

    public bool IsLoopback => IPAddress.IsLoopback(Address);

    /// <summary>Where sockets listen for this address.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints =>
        IsLocalhost ? [new(IPAddress.Loopback, Port), new(IPAddress.IPv6Loopback, Port)] : [new(Address, Port)];

    public static ListenAddress Localhost(int port, bool isHttps = false) => new(IPAddress.Loopback, port, isHttps, IsLocalhost: true);

    /// <summary>
    /// What to connect to: 127.0.0.1 for <c>localhost</c>, and loopback for "any address", because clients cannot connect
    /// to that.
    /// </summary>
    public ListenAddress ToReachable() =>
        IsLocalhost ? this with { IsLocalhost = false }
        : Address.Equals(IPAddress.Any) ? this with { Address = IPAddress.Loopback }
        : Address.Equals(IPAddress.IPv6Any) ? this with { Address = IPAddress.IPv6Loopback }
        : this;

    /// <summary>True if one socket would need what the other has. The same port 0 twice gives two ports.</summary>
    public bool Overlaps(ListenAddress other) =>
        Port == other.Port && Port != 0 && EndPoints.Any(mine => other.EndPoints.Any(its => Covers(mine.Address, its.Address) || Covers(its.Address, mine.Address)));

    /// <summary>Accepts an IP literal or <c>localhost</c>.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ListenAddress? address, out string problem)
    {
        address = null;
        problem = "write it as http://127.0.0.1:PORT";
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            return false;
        if (url.PathAndQuery != "/" || url.Fragment.Length > 0 || url.UserInfo.Length > 0)
        {
            problem = "give only scheme, address and port, as in http://127.0.0.1:PORT";
            return false;
        }

        if (!HasExplicitPort(text))
        {
            problem = "add the port, as in http://127.0.0.1:11000 (0 lets the system choose)";
            return false;
        }

        if (url.IsDefaultPort && url.Host.Length == 0)
            return false;
        var host = url.Host.Trim('[', ']');
        if (host == "localhost")
            address = Localhost(url.Port, url.Scheme == "https");
        else if (IPAddress.TryParse(host, out var ip))
            address = new(ip, url.Port, url.Scheme == "https");
        else
            problem = "a host name is not allowed here; give an address of this host, as in http://127.0.0.1:PORT";
        return address is not null;
    }

    public override string ToString() => IsLocalhost ? $"{Scheme}://localhost:{Port}" : $"{Scheme}://{EndPoints[0]}";

    /// <summary>The IPv6 "any address" takes the port of every IPv4 address as well.</summary>
    private static bool Covers(IPAddress wide, IPAddress narrow) =>
        wide.Equals(narrow) || wide.Equals(IPAddress.IPv6Any) || (wide.Equals(IPAddress.Any) && narrow.AddressFamily == AddressFamily.InterNetwork);

    private static bool HasExplicitPort(string text)
    {
        var authority = text.AsSpan(text.IndexOf("//", StringComparison.Ordinal) + 2).TrimEnd('/');
        var colon = authority.LastIndexOf(':');
        return colon > authority.LastIndexOf(']') && int.TryParse(authority[(colon + 1)..], out _);
    }
}
