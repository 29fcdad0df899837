using TokenBroker.Imds;
using TokenBroker.Imds.Faults;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.TokenSources;

/// <summary>The built binary reads the expiry in the forms that platforms write, and refuses what has no one meaning.</summary>
[Long]
public class ExpiryFormTests
{
    private static readonly (string? On, string? In)[] Readable =
    [
        ("{seconds}", null), ("\"{seconds}.0\"", null), ("{milliseconds}", "null"), ("{life}.5", null), ("\"{iso}\"", "\"\""), ("\"{american}\"", null),
        (null, "{life}"), (null, "\"{life}.0\""), (null, "{seconds}"), ("\"soon\"", "\"{life}\""), ("{seconds}", "\"-1\""),
    ];

    private static readonly (string? On, string? In)[] Unreadable = [(null, null), ("0", "\"-1\""), ("\"NaN\"", "true"), ("\"1,767,229,200\"", "\"01:00:00\"")];

    [Fact]
    public async Task Each_form_gives_the_tokens_expiry_and_what_has_no_meaning_leaves_the_token_that_serves()
    {
        await using var imds = await ImdsEmulator.StartAsync(new() { TokenLifetime = TimeSpan.FromHours(1), ReuseUntilShareLeft = null });
        await using var scene = await SourceScene.StartAsync(new Dictionary<string, string> { ["TOKENBROKER__MetadataEndpoint"] = imds.BaseAddress.AbsoluteUri });
        await scene.Sidecar.UntilReadyAsync();

        foreach (var (on, @in) in Readable)
        {
            imds.ClearFaults();
            imds.Inject(Fault.ExpiryAs(on, @in));
            var row = await scene.RefreshOneAsync();
            Assert.True(row.Outcome == "refreshed", $"{on} and {@in}: {row}");
            Assert.InRange(row.ExpiresOn!.Value - imds.Tokens[^1].ExpiresAt, TimeSpan.FromSeconds(-2), TimeSpan.FromSeconds(2));
        }

        var serving = await scene.TokenAtStorageAsync();
        foreach (var (on, @in) in Unreadable)
        {
            imds.ClearFaults();
            imds.Inject(Fault.ExpiryAs(on, @in));
            var row = await scene.RefreshOneAsync();
            Assert.True(row is { Outcome: "failed", Reason: "invalid-answer" }, $"{on} and {@in}: {row}");
            Assert.Equal(serving, await scene.TokenAtStorageAsync());
        }
    }
}
