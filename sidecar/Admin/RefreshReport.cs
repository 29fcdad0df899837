using TokenBroker.Tokens;

namespace TokenBroker.Admin;

/// <summary>The answer of <c>POST /tokens/refresh</c>: the result of each attempt.</summary>
/// <param name="Status">failed if any attempt failed; else done.</param>
/// <param name="Tokens">One row for each identity.</param>
internal sealed record RefreshReport(string Status, IReadOnlyList<RefreshedToken> Tokens)
{
    /// <summary>Refreshes the tokens of all identities in parallel.</summary>
    public static async Task<RefreshReport> MakeAsync(TokenCache tokens, CancellationToken caller)
    {
        var rows = await Task.WhenAll(tokens.Entries.Select(async entry => RefreshedToken.Of(entry, await entry.RefreshAsync(caller))));
        return new(rows.Any(row => row.Outcome == "failed") ? "failed" : "done", rows);
    }
}
