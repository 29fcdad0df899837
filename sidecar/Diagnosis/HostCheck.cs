using Microsoft.Extensions.Logging.Abstractions;
using TokenBroker.Configuration;
using TokenBroker.Diagnosis.Checks;
using TokenBroker.Limits;
using TokenBroker.Upstream;

namespace TokenBroker.Diagnosis;

/// <summary>
/// The whole diagnosis, with the sidecar's own parts: the identities' tokens, and each account's name, connection,
/// certificate and answer. Identities and accounts are tested in parallel. Each step has its own timeout, and a failed step
/// ends the steps of its account.
/// </summary>
internal sealed class HostCheck(BrokerOptions options, ProcessEnvironment environment, TimeProvider time, Action<string> progress)
{
    private static readonly TimeSpan StepLimit = TimeSpan.FromSeconds(10);

    private readonly ClockReadings _clock = new(time);

    public async Task<CheckReport> RunAsync(CancellationToken cancellation)
    {
        progress("Getting tokens, and looking up the accounts' addresses");
        var tokens = new TokenCheck(options, environment, _clock, time);
        var attempts = options.Accounts.Select(account => account.Identity).Distinct()
            .ToDictionary(identity => identity, identity => tokens.RunAsync(identity, cancellation));
        var accounts = options.Accounts.Select(account => CheckAsync(account, attempts[account.Identity], cancellation)).ToList();
        var made = await Task.WhenAll(attempts.Values);
        var findings = await Task.WhenAll(accounts);
        return new([
            WebProxyCheck.Judge(environment),
            .. made.SelectMany(attempt => attempt.Findings),
            ClockCheck.Judge(_clock.All, made.Select(attempt => attempt.Claims).OfType<TokenClaims>(), time.GetUtcNow()),
            .. findings.SelectMany(account => account),
        ]);
    }

    private async Task<IReadOnlyList<Finding>> CheckAsync(AccountOptions account, Task<TokenAttempt> token, CancellationToken cancellation)
    {
        var listeners = new OwnListeners();
        listeners.Set([.. options.Listeners.SelectMany(address => address.EndPoints)], []);
        var trust = new UpstreamTrust(options);
        var limits = EffectiveLimits.Of(options, HostResources.Read());
        using var sockets = new UpstreamSockets(limits);
        var connector = new StorageConnector(
            new NameLookup(NameLookup.ResolveOnOwnThreadAsync, time, NullLogger<NameLookup>.Instance), new AddressRace(time, sockets), listeners);
        var upstream = new UpstreamClient(options, trust, connector, metrics: null, limits);

        var findings = new List<Finding> { await WithinAsync(limit => NameCheck.RunAsync(account, connector, listeners, limit), cancellation) };
        if (IsStuck(findings))
            return findings;
        findings.AddRange(await WithinAsync(limit => new ConnectionCheck(upstream, trust).RunAsync(account, limit), cancellation));
        if (IsStuck(findings))
            return findings;
        progress($"Connected to {account.Name}");
        var attempt = await token;
        findings.Add(await WithinAsync(limit => new StorageCheck(upstream, _clock).RunAsync(account, attempt, limit), cancellation));
        progress($"{account.Name} has answered");
        return findings;
    }

    private static bool IsStuck(List<Finding> findings) => findings[^1].Cause.Verdict == Verdict.Failure;

    private async Task<T> WithinAsync<T>(Func<CancellationToken, Task<T>> step, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(StepLimit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        return await step(both.Token);
    }
}
