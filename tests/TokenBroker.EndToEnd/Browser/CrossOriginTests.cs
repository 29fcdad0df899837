using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.Browser;

/// <summary>A hostile page in a real browser, at another origin than the sidecar: by port, by name or by both.</summary>
[Long]
[Requires(Capability.Node, Capability.Npm, Capability.Chromium, Capability.MountNamespaces)]
public class CrossOriginTests
{
    // The last two are the account's host-style name, and a page that shares its parent.
    private static readonly (string Page, string Target)[] Origins =
    [
        ("127.0.0.1", "127.0.0.1"), ("localhost", "127.0.0.1"), ("localhost", "localhost"), ("page.example", "127.0.0.1"),
        ("page.example", $"{Scene.Account}.localhost"), ("other.localhost", $"{Scene.Account}.localhost"),
    ];

    /// <param name="arguments">Without a version that must be there, nothing but the browser's own headers tells of the page.</param>
    [Theory]
    [InlineData]
    [InlineData("--unsafe-allow-missing-version")]
    public async Task A_page_of_another_origin_reads_nothing_and_changes_nothing(params string[] arguments)
    {
        await using var scene = await HostileScene.StartAsync(arguments);
        await using var server = await HostilePage.ServeAsync();
        await using var browser = await ChromiumRun.StartAsync();
        await browser.Hosts.WriteAsync("127.0.0.1 page.example");

        foreach (var (page, host) in Origins)
        {
            var before = scene.Refusals("browser-request");
            var tab = await browser.OpenAsync(Target.Named(page, server.Address));
            foreach (var target in new[] { Target.Data(Target.Named(host, scene.Sidecar.Address)), Target.Admin(Target.Named(host, scene.Sidecar.Admin)) })
            {
                var attempts = await tab.AttackAsync(target);
                Assert.All(attempts, attempt => Assert.True(attempt.Read.Length == 0, $"{attempt}, on a page of {page} at {target.Write}"));
            }

            Assert.InRange(scene.Refusals("browser-request") - before, 15, 60);
            await scene.AssertUntouchedAsync();
        }
    }
}
