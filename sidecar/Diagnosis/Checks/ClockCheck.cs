using System.Globalization;
using TokenBroker.Upstream;

namespace TokenBroker.Diagnosis.Checks;

/// <summary>
/// Compares this host's clock with the clocks of the servers that answered, and with the lifetime of the tokens.
/// </summary>
internal static class ClockCheck
{
    /// <summary>Beyond this there is a problem: synchronised clocks differ by milliseconds.</summary>
    public static readonly TimeSpan WarningFrom = ClockSkew.WarningThreshold;

    /// <summary>What storage allows between a signed request's date and its own clock.</summary>
    public static readonly TimeSpan FailureFrom = ClockSkew.Tolerance;

    /// <param name="readings">How far this host is ahead of each server.</param>
    /// <param name="tokens">The claims of the tokens that came.</param>
    /// <param name="now">This host's clock.</param>
    public static Finding Judge(IReadOnlyList<(string Server, TimeSpan Ahead)> readings, IEnumerable<TokenClaims> tokens, DateTimeOffset now)
    {
        var facts = readings.Select(reading => ($"against {reading.Server}", (string?)Words(reading.Ahead)));
        var worst = readings.Select(reading => reading.Ahead.Duration()).DefaultIfEmpty().Max();
        var outside = tokens.FirstOrDefault(claims => claims.Expires <= now || claims.NotBefore > now);
        var cause = worst >= FailureFrom ? Cause.ClockWrong
            : outside is not null ? Cause.ClockToken
            : worst >= WarningFrom ? Cause.ClockOff
            : readings.Count == 0 ? Cause.ClockUnread
            : Cause.ClockRight;
        return Finding.Of(Finding.Host, cause, [
            .. facts,
            ("token valid from", outside?.NotBefore?.ToString("u", CultureInfo.InvariantCulture)),
            ("token valid until", outside?.Expires?.ToString("u", CultureInfo.InvariantCulture)),
        ]);
    }

    private static string Words(TimeSpan ahead)
    {
        var off = ahead.Duration();
        if (off < TimeSpan.FromSeconds(2))
            return "equal"; // a date has whole seconds
        var amount = off < TimeSpan.FromMinutes(2)
            ? string.Create(CultureInfo.InvariantCulture, $"{off.TotalSeconds:0} s")
            : string.Create(CultureInfo.InvariantCulture, $"{off.TotalMinutes:0.#} min");
        return $"{amount} {(ahead > TimeSpan.Zero ? "ahead" : "behind")}";
    }
}
