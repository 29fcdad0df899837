using TokenBroker.Configuration;
using TokenBroker.Tokens.Sources;

namespace TokenBroker.Tokens;

/// <summary>
/// The entries, one per identity and audience, and the loops that refresh them. Loops run in parallel: an identity that
/// hangs does not delay others.
/// </summary>
internal sealed class TokenCache : BackgroundService
{
    private readonly BrokerOptions _options;
    private readonly ProcessEnvironment _environment;
    private readonly TimeProvider _time;
    private readonly TokenMetrics _metrics;
    private readonly ILogger<TokenCache> _logger;
    private readonly HttpMessageInvoker _metadataClient = ImdsTokenSource.CreateClient();
    private readonly Dictionary<IdentitySelector, TokenEntry> _entries = [];

    public TokenCache(
        BrokerOptions options, ProcessEnvironment environment, TimeProvider time, TokenMetrics metrics, ILogger<TokenCache> logger)
    {
        (_options, _environment, _time, _metrics, _logger) = (options, environment, time, metrics, logger);
        foreach (var identity in options.Accounts.Select(account => account.Identity).Distinct())
            _entries.Add(identity, CreateEntry(identity));
        metrics.Observe(() => _entries.Values);
    }

    public TokenEntry this[IdentitySelector identity] => _entries[identity];

    public IEnumerable<TokenEntry> Entries => _entries.Values;

    public override void Dispose()
    {
        _metadataClient.Dispose();
        base.Dispose();
    }

    /// <remarks>If a loop fails, the process ends at once; otherwise its token would expire unnoticed.</remarks>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var ended in Task.WhenEach(_entries.Values.Select(entry => entry.RunAsync(stoppingToken))))
            await ended;
    }

    private TokenEntry CreateEntry(IdentitySelector identity)
    {
        var settings = _options.Tokens;
        var selection = TokenSourceSelection.Choose(identity, settings.MetadataEndpoint, _environment);
        var source = selection.CreateSource(identity, settings, _metadataClient, _time);
        return new(identity.ToString(), source, settings.FirstTokenWait, _time, Random.Shared, _metrics, _logger);
    }
}
