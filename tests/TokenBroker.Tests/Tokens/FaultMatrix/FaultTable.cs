using System.Globalization;
using TokenBroker.Imds.Faults;
using TokenBroker.Tokens;

namespace TokenBroker.Tests.Tokens.FaultMatrix;

/// <summary>
/// What every fault does to an entry in every state. A cell gives the state afterwards, the token that a reader gets
/// (old, new or - for none), and within how many seconds the next attempt is due; the reason applies where it failed.
/// Tokens live 120 s: the floor is 6 s, a refresh is tried with 54 to 66 s left (half: 27 to 33), and one more second is
/// gone where the fault strikes an attempt that is held for one. None and stale have one failure behind them (a 500), so the
/// backoff is at its second step there, and the quick retries of a host's start are over; in none, a request waits.
/// </summary>
internal static class FaultTable
{
    private const string Cells = """
        fault              | reason                | None             | Acquiring        | Fresh            | Refreshing       | Stale            | Expired
        400                | identity-not-assigned | None - 1..3      | None - 1..2      | Stale old 27..33 | Stale old 26..33 | Stale old 24..30 | Expired - 48..72
        400 other          | refused               | None - 1..3      | None - 1..2      | Stale old 27..33 | Stale old 26..33 | Stale old 24..30 | Expired - 48..72
        401                | refused               | None - 1..3      | None - 1..2      | Stale old 27..33 | Stale old 26..33 | Stale old 24..30 | Expired - 48..72
        403                | refused               | None - 1..3      | None - 1..2      | Stale old 27..33 | Stale old 26..33 | Stale old 24..30 | Expired - 48..72
        404                | updating              | None - 1..3      | None - 1..2      | Stale old 6..6   | Stale old 6..6   | Stale old 6..6   | Expired - 1..1.5
        408                | timed-out             | None - 1..3      | None - 1..1.5    | Stale old 6..6   | Stale old 6..6   | Stale old 6..6   | Expired - 1..1.5
        410                | updating              | None - 4..10     | None - 2..6      | Stale old 6..6   | Stale old 6..6   | Stale old 6..12  | Expired - 2..6
        410 after 20 s     | updating              | None - 20..22    | None - 20..21    | Stale old 20..21 | Stale old 20..21 | Stale old 20..22 | Expired - 20..21
        429                | throttled             | None - 1..3      | None - 1..1.5    | Stale old 6..6   | Stale old 6..6   | Stale old 6..6   | Expired - 1..1.5
        429 after 20 s     | throttled             | None - 20..22    | None - 20..21    | Stale old 20..21 | Stale old 20..21 | Stale old 20..22 | Expired - 20..21
        429 at date        | throttled             | None - 20..23    | None - 20..22    | Stale old 20..22 | Stale old 20..22 | Stale old 20..23 | Expired - 20..22
        429 after 90 s     | throttled             | None - 90..92    | None - 90..91    | Stale old 54..66 | Stale old 53..65 | Stale old 48..60 | Expired - 90..91
        500                | endpoint-failing      | None - 1..3      | None - 1..1.5    | Stale old 6..6   | Stale old 6..6   | Stale old 6..6   | Expired - 1..1.5
        502                | endpoint-failing      | None - 1..3      | None - 1..1.5    | Stale old 6..6   | Stale old 6..6   | Stale old 6..6   | Expired - 1..1.5
        503                | endpoint-failing      | None - 1..3      | None - 1..1.5    | Stale old 6..6   | Stale old 6..6   | Stale old 6..6   | Expired - 1..1.5
        503 after 20 s     | endpoint-failing      | None - 20..22    | None - 20..21    | Stale old 20..21 | Stale old 20..21 | Stale old 20..22 | Expired - 20..21
        503 at date        | endpoint-failing      | None - 20..23    | None - 20..22    | Stale old 20..22 | Stale old 20..22 | Stale old 20..23 | Expired - 20..22
        delay within limit | -                     | Fresh new 53..66 | Fresh new 53..66 | Fresh new 53..66 | Fresh new 53..66 | Fresh new 53..66 | Fresh new 53..66
        delay beyond limit | timed-out             | None - 1..3      | None - 1..1.5    | Stale old 6..6   | Stale old 6..6   | Stale old 6..6   | Expired - 1..1.5
        hang               | timed-out             | None - 1..3      | None - 1..1.5    | Stale old 6..6   | Stale old 6..6   | Stale old 6..6   | Expired - 1..1.5
        reset              | unreachable           | None - 1..3      | None - 1..2      | Stale old 6..6   | Stale old 6..6   | Stale old 6..6   | Expired - 1..1.5
        garbage            | invalid-answer        | None - 1..3      | None - 1..1.5    | Stale old 6..6   | Stale old 6..6   | Stale old 6..6   | Expired - 1..1.5
        truncated-json     | invalid-answer        | None - 1..3      | None - 1..1.5    | Stale old 6..6   | Stale old 6..6   | Stale old 6..6   | Expired - 1..1.5
        cut-body           | unreachable           | None - 1..3      | None - 1..2      | Stale old 6..6   | Stale old 6..6   | Stale old 6..6   | Expired - 1..1.5
        empty-token        | invalid-answer        | None - 1..3      | None - 1..1.5    | Stale old 6..6   | Stale old 6..6   | Stale old 6..6   | Expired - 1..1.5
        expired-token      | invalid-answer        | None - 1..3      | None - 1..1.5    | Stale old 6..6   | Stale old 6..6   | Stale old 6..6   | Expired - 1..1.5
        same-token         | invalid-answer        | Fresh new 53..66 | Fresh new 53..66 | Fresh old 27..33 | Fresh old 26..33 | Fresh old 24..30 | Expired - 1..1.5
        expiry in life     | -                     | Fresh new 53..66 | Fresh new 53..66 | Fresh new 53..66 | Fresh new 53..66 | Fresh new 53..66 | Fresh new 53..66
        expiry unreadable  | invalid-answer        | None - 1..3      | None - 1..1.5    | Stale old 6..6   | Stale old 6..6   | Stale old 6..6   | Expired - 1..1.5
        clock ahead        | -                     | Fresh new 53..66 | Fresh new 53..66 | Fresh new 53..66 | Fresh new 53..66 | Fresh new 53..66 | Fresh new 53..66
        clock behind       | -                     | Fresh new 26..33 | Fresh new 26..33 | Fresh new 26..33 | Fresh new 26..33 | Fresh new 26..33 | Fresh new 26..33
        clock far behind   | invalid-answer        | None - 1..3      | None - 1..1.5    | Stale old 6..6   | Stale old 6..6   | Stale old 6..6   | Expired - 1..1.5
        """;

    private static readonly TimeSpan TwentySeconds = TimeSpan.FromSeconds(20);

    public static IReadOnlyDictionary<string, Fault> Faults { get; } = new Dictionary<string, Fault>
    {
        ["400"] = Fault.Answer(400),
        ["400 other"] = Fault.Answer(400) with { Error = "bad_request_102" },
        ["401"] = Fault.Answer(401),
        ["403"] = Fault.Answer(403),
        ["404"] = Fault.Answer(404),
        ["408"] = Fault.Answer(408),
        ["410"] = Fault.Answer(410),
        ["410 after 20 s"] = Fault.Answer(410, TwentySeconds),
        ["429"] = Fault.Answer(429),
        ["429 after 20 s"] = Fault.Answer(429, TwentySeconds),
        ["429 at date"] = Fault.Answer(429, TwentySeconds, asDate: true),
        ["429 after 90 s"] = Fault.Answer(429, TimeSpan.FromSeconds(90)),
        ["500"] = Fault.Answer(500),
        ["502"] = Fault.Answer(502),
        ["503"] = Fault.Answer(503),
        ["503 after 20 s"] = Fault.Answer(503, TwentySeconds),
        ["503 at date"] = Fault.Answer(503, TwentySeconds, asDate: true),
        ["delay within limit"] = Fault.Delayed(TimeSpan.FromSeconds(2)),
        ["delay beyond limit"] = Fault.Delayed(TimeSpan.FromSeconds(30)),
        ["hang"] = Fault.Of(FaultKind.Hang),
        ["reset"] = Fault.Of(FaultKind.Reset),
        ["garbage"] = Fault.Of(FaultKind.Garbage),
        ["truncated-json"] = Fault.Of(FaultKind.TruncatedJson),
        ["cut-body"] = Fault.Of(FaultKind.CutBody),
        ["empty-token"] = Fault.Of(FaultKind.EmptyToken),
        ["expired-token"] = Fault.Of(FaultKind.ExpiredToken),
        ["same-token"] = Fault.Of(FaultKind.SameToken),
        ["expiry in life"] = Fault.ExpiryAs("{life}.0", null),
        ["expiry unreadable"] = Fault.ExpiryAs("\"soon\"", "\"NaN\""),
        ["clock ahead"] = Fault.Skewed(TimeSpan.FromMinutes(5)),
        ["clock behind"] = Fault.Skewed(TimeSpan.FromMinutes(-1)),
        ["clock far behind"] = Fault.Skewed(TimeSpan.FromMinutes(-5)),
    };

    /// <summary>Fault, state, reason and expectation of every cell.</summary>
    public static IEnumerable<(string Fault, string State, string Reason, string Expected)> All()
    {
        var rows = Cells.Split('\n').Select(line => line.Split('|', StringSplitOptions.TrimEntries)).ToList();
        var states = rows[0][2..];
        return
            from row in rows.Skip(1)
            from cell in states.Zip(row[2..])
            select (row[0], cell.First, row[1], cell.Second);
    }
}

/// <summary>What one cell expects.</summary>
/// <param name="State">The state afterwards.</param>
/// <param name="Serves">The token that a reader gets: old, new, or - for none.</param>
/// <param name="Earliest">The soonest that the next attempt may be due, in seconds.</param>
/// <param name="Latest">The latest.</param>
internal sealed record ExpectedCell(TokenState State, string Serves, double Earliest, double Latest)
{
    public static ExpectedCell Parse(string text)
    {
        var words = text.Split(' ');
        var bounds = words[2].Split("..").Select(number => double.Parse(number, CultureInfo.InvariantCulture)).ToArray();
        return new(Enum.Parse<TokenState>(words[0]), words[1], bounds[0], bounds[1]);
    }
}
