using System.Net.Security;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using TokenBroker.Configuration;
using TokenBroker.Hosting.Files;

namespace TokenBroker.Hosting.Listening;

/// <summary>
/// The certificate of the https listeners. The files are read again when their content changes. While they cannot be used,
/// for example when only one of them is renewed yet, the previous certificate stays in use.
/// </summary>
internal sealed partial class ServerCertificate
{
    private readonly CertificatePair _files;
    private readonly ILogger _logger;
    private volatile SslStreamCertificateContext _shown;

    /// <exception cref="CryptographicException">The files were valid when the settings were read, but are not valid any more.</exception>
    public ServerCertificate(CertificatePair files, IServiceProvider services)
    {
        _files = files;
        _logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("Certificate");
        services.GetRequiredService<FileWatches>().Add([files.CertificateFile, files.KeyFile], TryReload,
            problem => Kept(_logger, files.CertificateFile, problem, _shown!.TargetCertificate.NotAfter.ToUniversalTime()));
        _shown = Load();
    }

    public TlsHandshakeCallbackOptions HandshakeOptions() => new()
    {
        OnConnection = _ => new(new SslServerAuthenticationOptions
        {
            ServerCertificateContext = _shown,
            ApplicationProtocols = [SslApplicationProtocol.Http11],
        }),
    };

    private bool TryReload(out string problem)
    {
        problem = "";
        try
        {
            _shown = Load();
            Read(_logger, _files.CertificateFile, _shown.TargetCertificate.NotAfter.ToUniversalTime());
            return true;
        }
        catch (Exception error) when (error is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            problem = error.Message;
            return false;
        }
    }

    private SslStreamCertificateContext Load() => SslStreamCertificateContext.Create(_files.Load(), _files.LoadChain(), offline: true);

    [LoggerMessage(3, LogLevel.Information, "The certificate in {File} was reloaded. It is valid until {NotAfter:u}")]
    private static partial void Read(ILogger logger, string file, DateTime notAfter);

    [LoggerMessage(4, LogLevel.Error, "The certificate in {File} has changed and cannot be used ({Problem}). The previous certificate stays in use; it is valid until {NotAfter:u}")]
    private static partial void Kept(ILogger logger, string file, string problem, DateTime notAfter);
}
