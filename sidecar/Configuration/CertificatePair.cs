using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using TokenBroker.Configuration.Reading;

namespace TokenBroker.Configuration;

/// <summary>The PEM files of a certificate and its key: two, or one that holds both.</summary>
internal sealed record CertificatePair(string CertificateFile, string KeyFile)
{
    /// <summary>
    /// Takes the two settings. The files are read at once, because a listener without a valid certificate could not serve
    /// anyone.
    /// </summary>
    public static CertificatePair? Read(SettingReader reader)
    {
        var (certificate, key) = (reader.Take("Tls:Certificate"), reader.Take("Tls:Key"));
        if (certificate is null)
        {
            if (key is not null)
                reader.Fault(key, "there is no certificate for this key; add it with --tls-cert");
            return null;
        }

        var pair = new CertificatePair(certificate.Value, key?.Value ?? certificate.Value);
        try
        {
            using var loaded = pair.Load();
            return pair;
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            reader.Fault(key ?? certificate, "the certificate and its key cannot be read here, or do not belong together; both must be PEM text, the key without a password");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            reader.Fault(error.Message.Contains(pair.KeyFile, StringComparison.Ordinal) ? key ?? certificate : certificate, $"cannot be read: {error.Message}");
        }

        return null;
    }

    /// <summary>The certificate with its key.</summary>
    /// <exception cref="CryptographicException">They cannot be read, or do not belong together.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public X509Certificate2 Load()
    {
        var pem = X509Certificate2.CreateFromPemFile(CertificateFile, KeyFile);
        if (!OperatingSystem.IsWindows())
            return pem;
        // Windows cannot serve a certificate whose key is only in memory.
        using (pem)
            return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
    }

    /// <summary>The intermediate certificates, which follow the certificate in its file.</summary>
    public X509Certificate2Collection LoadChain()
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(CertificateFile);
        if (chain.Count > 0)
            chain.RemoveAt(0);
        return chain;
    }
}
