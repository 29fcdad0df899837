using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using TokenBroker.Configuration;

namespace TokenBroker.Upstream;

/// <summary>
/// Whether storage's certificate is trusted: by the system, or by the certificates of <c>--upstream-ca</c>, which are
/// trusted in addition and for these connections alone. The name must match in either case.
/// </summary>
internal sealed class UpstreamTrust
{
    private readonly string? _file;
    private volatile X509Certificate2Collection _additional = [];

    public UpstreamTrust(BrokerOptions options)
    {
        _file = options.Upstream.CertificateAuthorityFile;
        if (!TryReload(out var problem))
            throw new InvalidOperationException($"{_file}: {problem}");
    }

    /// <summary>Reads the file again, for later connections. Nothing changes if the file cannot be used.</summary>
    public bool TryReload(out string problem)
    {
        problem = "";
        if (_file is null)
            return true;
        if (!CertificateFile.TryRead(_file, out var certificates, out problem))
            return false;
        _additional = certificates;
        return true;
    }

    public bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
            return true;
        // A further root certificate cannot fix a wrong name or a missing certificate.
        var additional = _additional;
        if (errors != SslPolicyErrors.RemoteCertificateChainErrors || additional.Count == 0 || certificate is not X509Certificate2 leaf)
            return false;
        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.AddRange(additional);
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck; // as for the system's roots, .NET's default
        own.ChainPolicy.ApplicationPolicy.Add(new("1.3.6.1.5.5.7.3.1")); // for servers
        // The intermediates that the server sent.
        foreach (var element in chain?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
            own.ChainPolicy.ExtraStore.Add(element.Certificate);
        return own.Build(leaf);
    }
}
