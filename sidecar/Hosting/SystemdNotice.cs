using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;

namespace TokenBroker.Hosting;

/// <summary>
/// Notifies systemd of the state of the process. Does nothing without a service manager; a failed notification stops
/// nothing.
/// </summary>
internal sealed partial class SystemdNotice(ILoggerFactory loggers)
{
    private readonly SystemdNotifier _systemd = new();

    public void Notify(ServiceState state)
    {
        try
        {
            _systemd.Notify(state);
        }
        catch (Exception error) when (error is System.Net.Sockets.SocketException or ArgumentException or IOException)
        {
            Untold(loggers.CreateLogger("Systemd"), error.Message);
        }
    }

    [LoggerMessage(8, LogLevel.Warning, "The service manager (NOTIFY_SOCKET) could not be notified: {Problem}. The sidecar continues to run")]
    private static partial void Untold(ILogger logger, string problem);
}
