using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace TokenBroker.TestSupport.Network;

/// <summary>
/// An authority made on the spot and a server certificate from it. Nothing enters the system's trust store: a client
/// is given the authority as a PEM file.
/// </summary>
public sealed class Certificates : IDisposable
{
    private Certificates(X509Certificate2 authority, X509Certificate2 server) => (Authority, Server) = (authority, server);

    /// <summary>The authority, without its key.</summary>
    public X509Certificate2 Authority { get; }

    /// <summary>The server's certificate, with its key.</summary>
    public X509Certificate2 Server { get; }

    public string AuthorityPem => Authority.ExportCertificatePem();

    public string ServerPem => Server.ExportCertificatePem();

    public string ServerKeyPem
    {
        get
        {
            using var key = Server.GetECDsaPrivateKey()!;
            return key.ExportPkcs8PrivateKeyPem();
        }
    }

    /// <param name="names">DNS names and IP addresses the server answers to; 127.0.0.1, ::1 and localhost if none is given.</param>
    public static Certificates Create(params IReadOnlyList<string> names)
    {
        // A day either way, so that neither a skewed clock nor a long test run matters.
        var from = TimeProvider.System.GetUtcNow().AddDays(-1);
        var until = from.AddDays(3);
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var authority = AuthorityRequest(authorityKey).CreateSelfSigned(from, until);
        using var serverKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = ServerRequest(serverKey, names is [] ? ["127.0.0.1", "::1", "localhost"] : names);
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        using var signed = request.Create(authority, from, until.AddMinutes(-1), RandomNumberGenerator.GetBytes(16));
        using var withKey = signed.CopyWithPrivateKey(serverKey);
        // Through PKCS #12, since Windows serves no certificate whose key lives in memory only.
        var server = X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pfx), null, X509KeyStorageFlags.Exportable);
        return new Certificates(X509CertificateLoader.LoadCertificate(authority.RawData), server);
    }

    /// <summary>Writes <c>authority.pem</c>, <c>server.pem</c> and <c>server.key</c> into a directory.</summary>
    public CertificateFiles WriteTo(string directory)
    {
        var files = new CertificateFiles(Path.Combine(directory, "authority.pem"), Path.Combine(directory, "server.pem"), Path.Combine(directory, "server.key"));
        File.WriteAllText(files.Authority, AuthorityPem);
        File.WriteAllText(files.Server, ServerPem);
        File.WriteAllText(files.ServerKey, ServerKeyPem);
        return files;
    }

    /// <summary>Whether a peer's certificate comes from this authority; names are the caller's to check.</summary>
    public bool Vouches(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(Authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }

    public void Dispose()
    {
        Authority.Dispose();
        Server.Dispose();
    }

    private static CertificateRequest AuthorityRequest(ECDsa key)
    {
        // Every authority has its own name, or OpenSSL takes one for the other when it is given two.
        var request = new CertificateRequest($"CN=TokenBroker test authority {Guid.NewGuid():N}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request;
    }

    private static CertificateRequest ServerRequest(ECDsa key, IReadOnlyList<string> names)
    {
        var request = new CertificateRequest("CN=TokenBroker test server", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false)); // serverAuth
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
            if (IPAddress.TryParse(name, out var address))
                alternatives.AddIpAddress(address);
            else
                alternatives.AddDnsName(name);
        request.CertificateExtensions.Add(alternatives.Build());
        return request;
    }
}

/// <summary>Paths of PEM files.</summary>
public sealed record CertificateFiles(string Authority, string Server, string ServerKey);
