using System.Net.Security;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TokenBroker.Configuration;

namespace TokenBroker.Hosting;

/// <summary>
/// What an https listener shows its clients. The files are read again when they change, as a renewal changes them; if what
/// stands there then cannot be used, the certificate that was read before is kept, and the log says so.
/// </summary>
internal sealed partial class ServerCertificate
{
    /// <summary>How often a new connection looks at the files' times.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly CertificatePair _files;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private SslStreamCertificateContext _shown;
    private (DateTime Certificate, DateTime Key) _written;
    private long _lookedAt;

    /// <exception cref="CryptographicException">The files were good when the settings were read, and are no longer.</exception>
    public ServerCertificate(CertificatePair files, IServiceProvider services)
    {
        (_files, _time) = (files, services.GetRequiredService<TimeProvider>());
        _logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("Certificate");
        (_written, _lookedAt) = (Written(), _time.GetTimestamp());
        _shown = Load();
    }

    public TlsHandshakeCallbackOptions HandshakeOptions() => new()
    {
        OnConnection = _ => new(new SslServerAuthenticationOptions
        {
            ServerCertificateContext = Current(),
            ApplicationProtocols = [SslApplicationProtocol.Http11],
        }),
    };

    private SslStreamCertificateContext Current()
    {
        lock (_gate)
        {
            if (_time.GetElapsedTime(_lookedAt) >= Interval)
            {
                _lookedAt = _time.GetTimestamp();
                Reload_NeedsGate();
            }

            return _shown;
        }
    }

    private void Reload_NeedsGate()
    {
        try
        {
            var written = Written();
            if (written == _written)
                return;
            _written = written;
            _shown = Load();
            Read(_logger, _files.CertificateFile, _shown.TargetCertificate.NotAfter.ToUniversalTime());
        }
        catch (Exception error) when (error is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            Kept(_logger, _files.CertificateFile, error.Message, _shown.TargetCertificate.NotAfter.ToUniversalTime());
        }
    }

    private SslStreamCertificateContext Load() => SslStreamCertificateContext.Create(_files.Load(), _files.LoadChain(), offline: true);

    private (DateTime, DateTime) Written() => (File.GetLastWriteTimeUtc(_files.CertificateFile), File.GetLastWriteTimeUtc(_files.KeyFile));

    [LoggerMessage(3, LogLevel.Information, "The certificate in {File} was read again; it is good until {NotAfter:u}")]
    private static partial void Read(ILogger logger, string file, DateTime notAfter);

    [LoggerMessage(4, LogLevel.Error, "The certificate in {File} has changed and cannot be used ({Problem}); the one before is kept, good until {NotAfter:u}")]
    private static partial void Kept(ILogger logger, string file, string problem, DateTime notAfter);
}
