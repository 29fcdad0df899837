using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace TokenBroker.Local;

/// <summary>Connections that trust only the certificate authority of one environment, and use no web proxy.</summary>
public static class TrustedConnection
{
    /// <summary>Makes a handler that accepts only certificates signed by the authority in <paramref name="certificateAuthorityFile"/>.</summary>
    public static SocketsHttpHandler CreateHandler(string certificateAuthorityFile) => new()
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        SslOptions = new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(certificateAuthorityFile) },
            },
        },
    };
}
