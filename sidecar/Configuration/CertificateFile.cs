using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace TokenBroker.Configuration;

/// <summary>Reads the certificates of a PEM file, or says why it cannot.</summary>
internal static class CertificateFile
{
    public static bool TryRead(string path, [NotNullWhen(true)] out X509Certificate2Collection? certificates, out string problem)
    {
        certificates = null;
        try
        {
            var read = new X509Certificate2Collection();
            read.ImportFromPemFile(path);
            if (read.Count > 0)
            {
                certificates = read;
                problem = "";
                return true;
            }

            problem = "the file has no certificate; it must have at least one -----BEGIN CERTIFICATE----- block";
        }
        catch (CryptographicException)
        {
            problem = "a certificate in this file cannot be read; it must be PEM text";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            problem = $"cannot be read: {error.Message}";
        }

        return false;
    }
}
