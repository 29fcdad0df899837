using TokenBroker.Configuration;
using TokenBroker.Hosting.Files;
using TokenBroker.Upstream;

namespace TokenBroker.Hosting;

/// <summary>Applies changes of the caller key file and of the file of <c>--upstream-ca</c> without a restart.</summary>
internal sealed partial class ReloadedFiles(BrokerOptions options, UpstreamTrust trust, FileWatches watches, ILogger<ReloadedFiles> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Caller.Keys is { } keys)
            Watch(keys.Path, "Caller:KeyFile", keys.TryReload);
        if (options.Upstream.CertificateAuthorityFile is { } file)
            Watch(file, "Upstream:CertificateAuthority", trust.TryReload);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Watch(string path, string setting, FileReload reload)
    {
        watches.Add([path], Reload, problem => Kept(logger, setting, problem));
        reload(out _); // it may have changed since the settings were read

        bool Reload(out string problem)
        {
            var isRead = reload(out problem);
            if (isRead)
                Read(logger, setting);
            return isRead;
        }
    }

    // Only the setting's name: a user may have written the key instead of the file by mistake.
    [LoggerMessage(21, LogLevel.Information, "The file of {Setting} has changed. Its new content is in use")]
    private static partial void Read(ILogger logger, string setting);

    [LoggerMessage(22, LogLevel.Error, "The file of {Setting} has changed and cannot be used: {Problem}. The previous content stays in use")]
    private static partial void Kept(ILogger logger, string setting, string problem);
}
