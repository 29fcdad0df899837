using System.CommandLine;
using TokenBroker.Imds.Identities;

namespace TokenBroker.Imds.CommandLine;

/// <summary>The command line: one option per setting; their texts are read by <see cref="SettingsReader"/>.</summary>
internal sealed class EmulatorCommand
{
    private readonly Option<string?> _listen = Text("--listen", "URL", "Where the metadata endpoint listens. Default: http://127.0.0.1:0 (a free port)");
    private readonly Option<string?> _control = Text("--control", "URL", "Where the control endpoint listens: record, tokens, faults. Default: http://127.0.0.1:0");
    private readonly Option<bool> _remoteControl = Flag("--unsafe-remote-control", "Allows a control address that other hosts can reach (in a container)");
    private readonly Option<string[]> _identity = Texts("--identity", "SPEC", "system, or user:NAME[,client-id=GUID][,object-id=GUID][,resource-id=ID]; repeatable; missing ids are derived from the name. Default: system");
    private readonly Option<string?> _identities = Text("--identities", "FILE", "A JSON array of identities, in addition to --identity");
    private readonly Option<bool> _noIdentity = Flag("--no-identity", "Emulates a machine without identities");
    private readonly Option<string?> _tenant = Text("--tenant-id", "GUID", "The tenant in the tokens");
    private readonly Option<string[]> _resource = Texts("--resource", "URI", "A further resource to accept, or * for all; repeatable");
    private readonly Option<string?> _lifetime = Text("--token-lifetime", "DURATION", "From 1s to 24h. Default: 24h");
    private readonly Option<string?> _reuse = Text("--reuse-until", "SHARE", "The same token is returned while more than this share of its lifetime is left. Default: 0.5");
    private readonly Option<bool> _fresh = Flag("--fresh-tokens", "Returns a new token for every request");
    private readonly Option<bool> _noLimit = Flag("--no-rate-limit", "Switches the rate limit off; the real one is 20 requests per second and 5 at once");
    private readonly Option<string?> _perSecond = Text("--rate-limit", "N", "Maximum requests per second; beyond it the answer is 429. Default: 20");
    private readonly Option<string?> _concurrent = Text("--concurrency-limit", "N", "Maximum requests at once; beyond it the answer is 429. Default: 5");
    private readonly Option<string?> _retryAfter = Text("--rate-limit-retry-after", "DURATION", "Sent as Retry-After with that 429. Default: not sent");
    private readonly Option<bool> _stdin = Flag("--exit-with-stdin", "Stops when standard input closes, so it ends together with its parent process");

    internal EmulatorCommand()
    {
        Option[] all =
        [
            _listen, _control, _remoteControl, _identity, _identities, _noIdentity, _tenant, _resource, _lifetime, _reuse, _fresh,
            _noLimit, _perSecond, _concurrent, _retryAfter, _stdin,
        ];
        foreach (var option in all)
            Root.Add(option);
    }

    internal RootCommand Root { get; } = new("Emulates the identity endpoint of Azure's instance metadata service (169.254.169.254), with faults on demand.");

    /// <summary>The settings, or every fault in them.</summary>
    internal (ImdsEmulatorOptions Options, bool ExitWithStdin, IReadOnlyList<string> Problems) Read(ParseResult parsed)
    {
        var reader = new SettingsReader();
        var defaults = new ImdsEmulatorOptions();
        var options = defaults with
        {
            Listen = reader.Listen(_listen.Name, parsed.GetValue(_listen), defaults.Listen),
            Control = reader.Listen(_control.Name, parsed.GetValue(_control), defaults.Control),
            UnsafeAllowRemoteControl = parsed.GetValue(_remoteControl),
            Identities = Identities(parsed, reader) ?? defaults.Identities,
            TenantId = reader.Id(_tenant.Name, parsed.GetValue(_tenant), defaults.TenantId),
            Resources = parsed.GetValue(_resource) ?? [],
            TokenLifetime = reader.Duration(_lifetime.Name, parsed.GetValue(_lifetime), defaults.TokenLifetime),
            ReuseUntilShareLeft = parsed.GetValue(_fresh) ? null : reader.Share(_reuse.Name, parsed.GetValue(_reuse), 0.5),
            RateLimit = parsed.GetValue(_noLimit) ? null : Limit(parsed, reader),
        };
        reader.Report(Contradictions(parsed));
        reader.Report(options.Validate());
        return (options, parsed.GetValue(_stdin), reader.Problems);
    }

    /// <summary>Null when none is given: the default then holds.</summary>
    private List<EmulatedIdentity>? Identities(ParseResult parsed, SettingsReader reader)
    {
        var texts = parsed.GetValue(_identity) ?? [];
        var file = parsed.GetValue(_identities);
        if (parsed.GetValue(_noIdentity))
            return [];
        if (texts is [] && file is null)
            return null;
        var identities = texts.Select(text => IdentityText.Read(reader, _identity.Name, text)).OfType<EmulatedIdentity>().ToList();
        if (file is not null)
            identities.AddRange(IdentitiesFile.Read(reader, _identities.Name, file));
        return identities;
    }

    private ImdsRateLimit Limit(ParseResult parsed, SettingsReader reader)
    {
        var defaults = new ImdsRateLimit();
        return new()
        {
            PerSecond = reader.Count(_perSecond.Name, parsed.GetValue(_perSecond), defaults.PerSecond),
            Concurrent = reader.Count(_concurrent.Name, parsed.GetValue(_concurrent), defaults.Concurrent),
            RetryAfter = parsed.GetValue(_retryAfter) is { } text ? reader.Duration(_retryAfter.Name, text, TimeSpan.Zero) : null,
        };
    }

    private IEnumerable<string> Contradictions(ParseResult parsed)
    {
        if (parsed.GetValue(_fresh) && parsed.GetValue(_reuse) is { } share)
            yield return $"{_reuse.Name}: '{share}' contradicts {_fresh.Name}: give one of them";
        if (parsed.GetValue(_noLimit) && (parsed.GetValue(_perSecond) ?? parsed.GetValue(_concurrent) ?? parsed.GetValue(_retryAfter)) is { } limit)
            yield return $"{_noLimit.Name}: contradicts the limit '{limit}': give one of them";
        if (parsed.GetValue(_noIdentity) && (parsed.GetValue(_identities) ?? parsed.GetValue(_identity)?.FirstOrDefault()) is { } identity)
            yield return $"{_noIdentity.Name}: contradicts the identity '{identity}': give one of them";
    }

    private static Option<string?> Text(string name, string value, string description) => new(name) { HelpName = value, Description = description };

    private static Option<string[]> Texts(string name, string value, string description) => new(name) { HelpName = value, Description = description };

    private static Option<bool> Flag(string name, string description) => new(name) { Description = description };
}
