using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace TokenBroker.Configuration;

/// <summary>The PEM files of a certificate and its key: two, or one that holds both.</summary>
internal sealed record CertificatePair(string CertificateFile, string KeyFile)
{
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
