using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using TokenBroker.Local.Processes;

namespace TokenBroker.Local;

/// <summary>
/// A new certificate authority and the one certificate that it signs, for 127.0.0.1 and localhost. Clients get the
/// authority's file; the authority's own key is dropped at once, and no trust store is touched.
/// </summary>
internal sealed record ServerCertificate(string AuthorityFile, string CertificateFile, string KeyFile)
{
    private static readonly TimeSpan Validity = TimeSpan.FromDays(30);
    private static readonly TimeSpan ClockSkew = TimeSpan.FromHours(1);

    public static ServerCertificate Create(WorkingDirectory directory, string accountName)
    {
        var files = new ServerCertificate(directory.PathOf("ca.pem"), directory.PathOf("server.pem"), directory.PathOf("server.key"));
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var serverKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var authority = SignAuthority(authorityKey, now);
        using var server = SignServer(authority, serverKey, accountName, now);

        File.WriteAllText(files.AuthorityFile, authority.ExportCertificatePem() + "\n");
        File.WriteAllText(files.CertificateFile, server.ExportCertificatePem() + "\n");
        WritePrivately(files.KeyFile, serverKey.ExportPkcs8PrivateKeyPem() + "\n");
        return files;
    }

    private static X509Certificate2 SignAuthority(ECDsa key, DateTimeOffset now)
    {
        var request = new CertificateRequest("CN=TokenBroker local environment", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request.CreateSelfSigned(now - ClockSkew, now + Validity);
    }

    private static X509Certificate2 SignServer(X509Certificate2 authority, ECDsa key, string accountName, DateTimeOffset now)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("localhost");
        names.AddDnsName($"{accountName}.blob.localhost");
        names.AddDnsName($"{accountName}.blob.core.windows.net");

        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        return request.Create(authority, now - ClockSkew, now + Validity - ClockSkew, RandomNumberGenerator.GetBytes(16).AsSpan());
    }

    private static void WritePrivately(string path, string contents)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var writer = new StreamWriter(path, options);
        writer.Write(contents);
    }
}
