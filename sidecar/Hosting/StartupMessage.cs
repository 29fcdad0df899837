using TokenBroker.Configuration;
using TokenBroker.Hosting.Listening;
using TokenBroker.Tokens.Sources;

namespace TokenBroker.Hosting;

/// <summary>The messages of a start: addresses, accounts, identities and security warnings.</summary>
internal static partial class StartupMessage
{
    /// <summary>A separate category. No other category begins with it, because the log's filters match by prefix.</summary>
    public const string Category = "Startup";

    public static void Write(ILoggerFactory loggers, BrokerOptions options, ProcessEnvironment environment, BoundAddresses bound)
    {
        var logger = loggers.CreateLogger(Category);
        var accounts = string.Join("; ", options.Accounts.Select(account =>
        {
            var source = TokenSourceSelection.Choose(account.Identity, options.Tokens.MetadataEndpoint, environment);
            return $"{bound.Data}/{account.Name} to {account.Endpoint.AbsoluteUri.TrimEnd('/')} as {account.Identity} "
                + $"from {source.Name} ({source.Because})";
        }));
        Ready(logger, BrokerHost.Version, bound.Data.ToString(), bound.Admin.ToString(), accounts);
        if (bound.Health is { } health)
            Healthy(logger, health.ToString());
        if (bound.Further.ToList() is { Count: > 0 } further)
            AlsoListening(logger, string.Join(", ", further.Select(listener => $"{listener.Role} {listener}")));
        foreach (var address in options.Listeners.Where(address => address.IsLocalhost && bound.All.Count(listener => listener.Configured == address) < 2))
            WithoutIPv6(logger, address.ToString());
        foreach (var meaning in Unsafe(options, environment))
            Weakened(logger, meaning);
        foreach (var (name, wanted) in new TelemetryVariables(environment).Malformed)
            Malformed(logger, name, wanted);
    }

    private static IEnumerable<string> Unsafe(BrokerOptions options, ProcessEnvironment environment)
    {
        if (options.Caller.UnsafeAllowMissingVersion)
            yield return "Caller:UnsafeAllowMissingVersion: a web page can forge plain GET requests";
        if (options.Caller.Keys is { IsReadableByOthers: true })
            yield return "Caller:KeyFile: every user of this host can read the key and sign with it. Run chmod 600 on the file";
        if (options.Caller.UnsafeAllowNonLoopback)
            yield return $"Caller:UnsafeAllowNonLoopback: callers who reach {string.Join(" or ", options.Listen)} have the identity's rights";
        if (options.Upstream.UnsafeAllowHttp)
            yield return "Upstream:UnsafeAllowHttp: tokens are sent to http endpoints in clear text";
        if (CleanStart.DiagnosticsAreOn(environment))
            yield return $"{CleanStart.DiagnosticsVariable}: every process of the same user can read this process's memory and its tokens";
    }

    [LoggerMessage(1, LogLevel.Information, "tokenbroker {Version} is ready: data {Data} admin {Admin} accounts: {Accounts}")]
    private static partial void Ready(ILogger logger, string version, string data, string admin, string accounts);

    [LoggerMessage(7, LogLevel.Information, "Health listener (health and metrics only, no authentication): {Health}")]
    private static partial void Healthy(ILogger logger, string health);

    [LoggerMessage(30, LogLevel.Information, "Also listening: {Listeners}")]
    private static partial void AlsoListening(ILogger logger, string listeners);

    [LoggerMessage(31, LogLevel.Information, "IPv6 loopback is not available on this host: {Listener} serves 127.0.0.1 only")]
    private static partial void WithoutIPv6(ILogger logger, string listener);

    [LoggerMessage(2, LogLevel.Warning, "Security is reduced by {Meaning}")]
    private static partial void Weakened(ILogger logger, string meaning);

    [LoggerMessage(9, LogLevel.Warning, "Ignoring {Variable}: expected {Wanted}")]
    private static partial void Malformed(ILogger logger, string variable, string wanted);
}
