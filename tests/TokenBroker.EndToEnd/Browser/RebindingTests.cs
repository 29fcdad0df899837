using System.Net;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.Browser;

/// <summary>
/// DNS rebinding. The page's name leads to its own server first, on the sidecar's port at another address of loopback; once
/// the page is there that server goes away, and the name leads to the sidecar. For the browser the two are one origin.
/// </summary>
[Long]
[Requires(Capability.Node, Capability.Npm, Capability.Chromium, Capability.MountNamespaces)]
public class RebindingTests
{
    private const string Name = "rebind.example";

    private static readonly IPAddress PagesAddress = IPAddress.Parse("127.0.0.2");

    [Fact]
    public async Task After_rebinding_a_page_reads_only_that_it_is_refused_and_changes_nothing()
    {
        await using var scene = await HostileScene.StartAsync();
        await using var browser = await ChromiumRun.StartAsync();
        var (data, admin) = (Target.Named(Name, scene.Sidecar.Address), Target.Named(Name, scene.Sidecar.Admin));

        foreach (var origin in new[] { data, admin })
        {
            var tab = await RebindAsync(scene, browser, origin);
            foreach (var target in new[] { Target.Data(data), Target.Admin(admin) })
            {
                var attempts = await tab.AttackAsync(target);

                Assert.All(attempts, scene.AssertHoldsNoSecret);
                Assert.All(attempts, attempt => Assert.True(attempt.Read.Length == 0 || IsRefusal(attempt), $"{attempt}"));
                // Of its own origin the page sees the refusal: it did reach the sidecar. Of the other port it sees nothing.
                Assert.Equal(target.Write.Port == origin.Port, attempts.Any(IsRefusal));
                await scene.AssertUntouchedAsync();
            }
        }
    }

    /// <summary>
    /// What the test above would see without the guard: a sidecar that is told that the name is its own, and not to ask for
    /// a version, hands everything out. A page's plain GET of its own origin says nothing of a page.
    /// </summary>
    [Fact]
    public async Task A_sidecar_that_takes_the_pages_name_for_its_own_hands_out_the_blob()
    {
        await using var scene = await HostileScene.StartAsync("--host", Name, "--unsafe-allow-missing-version");
        await using var browser = await ChromiumRun.StartAsync();
        var data = Target.Named(Name, scene.Sidecar.Address);

        var tab = await RebindAsync(scene, browser, data);
        var attempts = await tab.AttackAsync(Target.Data(data));

        string[] read =
        [
            "fetch GET", "fetch GET with credentials", "fetch GET without cors", "fetch GET with the header", "fetch GET with the header without cors",
            "XMLHttpRequest GET", "XMLHttpRequest GET with the header", "form GET", "script", "stylesheet", "iframe", "object", "EventSource", "worker's importScripts", "window",
        ];
        Assert.Equal(read, attempts.Where(attempt => attempt.Read.Contains(Blobs.Secret, StringComparison.Ordinal)).Select(attempt => attempt.Name));
        Assert.Equal(Blobs.ImageSize, attempts.Single(attempt => attempt.Name == "image").Read);
        // With whatever changes something, and with a frame that has no origin, the browser says Origin.
        Assert.All(scene.Requests, request => Assert.True(request.Method is "GET" or "HEAD", $"{request}"));
        await scene.AssertUnchangedAsync();
    }

    /// <summary>A tab with the hostile page, whose name leads to the sidecar by now.</summary>
    /// <param name="origin">The page's origin: its name with a port of the sidecar.</param>
    private static async Task<ChromiumRun.Tab> RebindAsync(HostileScene scene, ChromiumRun browser, Uri origin)
    {
        await browser.Hosts.WriteAsync($"{PagesAddress} {Name}");
        await browser.ForgetHostsAsync();
        ChromiumRun.Tab tab;
        await using (await HostilePage.ServeAsync(new(PagesAddress, origin.Port)))
            tab = await browser.OpenAsync(origin);
        await browser.Hosts.WriteAsync($"127.0.0.1 {Name}");
        await browser.ForgetHostsAsync();

        // The page's server answers with what it has; so does this one, and there is no other.
        Assert.DoesNotContain(": 404", await tab.UntilAnsweredAsync(), StringComparison.Ordinal);
        // The page gives up a request that takes too long. Such a request never reached the sidecar.
        Assert.DoesNotContain("client-gone", scene.Sidecar.Run.Output, StringComparison.Ordinal);
        return tab;
    }

    private static bool IsRefusal(Attempt attempt) => attempt.Read.Contains("host-not-allowed", StringComparison.Ordinal);
}
