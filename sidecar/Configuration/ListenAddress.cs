using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace TokenBroker.Configuration;

/// <summary>An address to listen on, as a URL: <c>http://127.0.0.1:11000</c>. Port 0 lets the system choose.</summary>
internal sealed record ListenAddress(IPAddress Address, int Port, bool IsHttps = false)
{
    public string Scheme => IsHttps ? "https" : "http";

    public bool IsLoopback => IPAddress.IsLoopback(Address);

    public IPEndPoint EndPoint => new(Address, Port);

    /// <summary>What to connect to: nobody can connect to "any address", and who listens there listens on loopback too.</summary>
    public ListenAddress ToReachable() =>
        Address.Equals(IPAddress.Any) ? this with { Address = IPAddress.Loopback }
        : Address.Equals(IPAddress.IPv6Any) ? this with { Address = IPAddress.IPv6Loopback }
        : this;

    /// <summary>
    /// Accepts an IP literal or <c>localhost</c>, which means 127.0.0.1: one listener is one socket, and
    /// 127.0.0.1 is the address that is right for every SDK.
    /// </summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ListenAddress? address, out string problem)
    {
        address = null;
        problem = "write it as http://127.0.0.1:PORT";
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            return false;
        if (url.PathAndQuery != "/" || url.Fragment.Length > 0 || url.UserInfo.Length > 0)
        {
            problem = "only scheme, address and port belong here; write it as http://127.0.0.1:PORT";
            return false;
        }

        if (!HasExplicitPort(text))
        {
            problem = "name the port, as in http://127.0.0.1:11000 (0 lets the system choose)";
            return false;
        }

        if (url.IsDefaultPort && url.Host.Length == 0)
            return false;
        var host = url.Host.Trim('[', ']');
        if (host == "localhost")
            address = new(IPAddress.Loopback, url.Port, url.Scheme == "https");
        else if (IPAddress.TryParse(host, out var ip))
            address = new(ip, url.Port, url.Scheme == "https");
        else
            problem = "a host name cannot be listened on; name an address of this host, as in http://127.0.0.1:PORT";
        return address is not null;
    }

    public override string ToString() => $"{Scheme}://{EndPoint}";

    private static bool HasExplicitPort(string text)
    {
        var authority = text.AsSpan(text.IndexOf("//", StringComparison.Ordinal) + 2).TrimEnd('/');
        var colon = authority.LastIndexOf(':');
        return colon > authority.LastIndexOf(']') && int.TryParse(authority[(colon + 1)..], out _);
    }
}
