using System.Net;
using TokenBroker.Imds.Identities;

namespace TokenBroker.Imds;

/// <summary>One rule per line; each names the option, the value and what to do.</summary>
internal static class OptionRules
{
    internal static IReadOnlyList<string> Check(ImdsEmulatorOptions options) => [.. Lines(options)];

    private static IEnumerable<string> Lines(ImdsEmulatorOptions options)
    {
        if (!IPAddress.IsLoopback(options.Control.Address) && !options.UnsafeAllowRemoteControl)
            yield return $"--control: '{options.Control}' can be reached from other hosts, and the control endpoint hands out tokens: use a loopback address, or --unsafe-remote-control";
        if (options.Listen.Port != 0 && options.Listen.Equals(options.Control))
            yield return $"--control: '{options.Control}' is also --listen: give it another port";
        if (options.TokenLifetime < TimeSpan.FromSeconds(1) || options.TokenLifetime > ImdsEmulatorOptions.MaximumTokenLifetime
            || options.TokenLifetime.Ticks % TimeSpan.TicksPerSecond != 0)
            yield return $"--token-lifetime: '{Durations.Write(options.TokenLifetime)}' is out of range: whole seconds from 1s to 24h";
        if (options.ReuseUntilShareLeft is < 0 or >= 1 or double.NaN)
            yield return $"--reuse-until: '{options.ReuseUntilShareLeft}' is out of range: a share from 0 to below 1, or --fresh-tokens";
        if (options.RateLimit is { PerSecond: < 1 } rate)
            yield return $"--rate-limit: '{rate.PerSecond}' is out of range: 1 or more, or --no-rate-limit";
        if (options.RateLimit is { Concurrent: < 1 } limit)
            yield return $"--concurrency-limit: '{limit.Concurrent}' is out of range: 1 or more, or --no-rate-limit";
        foreach (var line in Identities(options.Identities))
            yield return line;
    }

    private static IEnumerable<string> Identities(IReadOnlyList<EmulatedIdentity> identities)
    {
        if (identities.Count(i => i.Kind == IdentityKind.System) > 1)
            yield return "--identity: 'system' is given twice: a machine has at most one system-assigned identity";
        foreach (var name in Repeated(identities, i => i.Name))
            yield return $"--identity: the name '{name}' is given twice: give each identity a different one";
        foreach (var id in Repeated(identities, i => i.ClientId.ToString()))
            yield return $"--identity: the client id '{id}' is given twice: give each identity a different one";
        foreach (var id in Repeated(identities, i => i.ObjectId.ToString()))
            yield return $"--identity: the object id '{id}' is given twice: give each identity a different one";
        foreach (var id in Repeated(identities, i => i.ResourceId))
            yield return $"--identity: the resource id '{id}' is given twice: give each identity a different one";
    }

    private static IEnumerable<string> Repeated(IReadOnlyList<EmulatedIdentity> identities, Func<EmulatedIdentity, string> key) =>
        identities.GroupBy(key, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1).Select(group => group.Key);
}
