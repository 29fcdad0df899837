using TokenBroker.TestSupport;

namespace TokenBroker.EndToEnd.RealTime;

/// <summary>
/// One fault after the other, each begun when the record shows that a new token was just handed out, and over before that
/// token expires: the sidecar can always get another in time, if it never gives up.
/// </summary>
internal sealed class FaultSeries(MetadataControl metadata)
{
    /// <summary>What is left of the token when the fault ends.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(3);

    private static readonly IReadOnlyList<IReadOnlyDictionary<string, object>> Faults =
    [
        new Dictionary<string, object> { ["kind"] = "status", ["status"] = 429 },
        new Dictionary<string, object> { ["kind"] = "status", ["status"] = 500 },
        new Dictionary<string, object> { ["kind"] = "hang" },
        new Dictionary<string, object> { ["kind"] = "reset" },
        new Dictionary<string, object> { ["kind"] = "garbage" },
    ];

    /// <summary>How many faults were injected.</summary>
    public int Injected { get; private set; }

    public static int Kinds => Faults.Count;

    public async Task RunAsync(CancellationToken stop)
    {
        string? last = null;
        while (!stop.IsCancellationRequested)
        {
            MetadataRequest? fresh = null;
            await Wait.UntilAsync(async () =>
            {
                var granted = (await metadata.RequestsAsync(CancellationToken.None)).LastOrDefault(request => request is { Status: 200, Fault: null, TokenId: not null });
                fresh = granted?.TokenId == last ? null : granted;
                return fresh is not null || stop.IsCancellationRequested;
            }, TimeSpan.FromMinutes(1), "a new token is handed out");
            if (fresh is null)
                return;
            last = fresh.TokenId;
            var left = fresh.TokenExpiresAt!.Value - TimeProvider.System.GetUtcNow();
            await metadata.InjectAsync(Faults[Injected % Faults.Count], left - Margin, CancellationToken.None);
            Injected++;
        }
    }
}
