using System.Security.Cryptography;

namespace TokenBroker.Configuration.Reading;

/// <summary>Reads the settings of the listener's certificate.</summary>
internal static class CertificateSettings
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
                reader.Fault(key, "the certificate for this key is missing; add it with --tls-cert");
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
}
