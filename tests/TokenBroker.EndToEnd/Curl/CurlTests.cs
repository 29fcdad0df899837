using TokenBroker.Local;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Processes;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.Curl;

/// <summary>A person with curl reads and writes blobs of a real storage emulator, and signs nothing.</summary>
[Requires(Capability.Curl, Capability.Node, Capability.Npm)]
public class CurlTests
{
    private const string Version = "x-ms-version: 2021-12-02";

    [Fact]
    public async Task Blob_is_put_read_looked_at_and_read_in_part()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory.File("greeting.txt"), "hello, world", TestContext.Current.CancellationToken);
        await using var environment = await LocalEnvironment.StartAsync(new LocalEnvironmentOptions());
        var container = $"{environment.ProxyEndpoint}/notes";
        var blob = $"{container}/a%20b/greeting.txt";

        Assert.Equal("201", await CurlAsync("-X", "PUT", "-H", Version, "-d", "", $"{container}?restype=container"));
        Assert.Equal("201", await CurlAsync("-T", directory.File("greeting.txt"), "-H", Version, "-H", "x-ms-blob-type: BlockBlob", blob));
        Assert.Equal("hello, world200", await CurlAsync("-H", Version, blob));
        // An offer of HTTP/2 beside the request, which is ignored.
        Assert.Equal("201", await CurlAsync("--http2", "-T", directory.File("greeting.txt"), "-H", Version, "-H", "x-ms-blob-type: BlockBlob", blob));
        Assert.Equal("hello, world200", await CurlAsync("--http2", "-H", Version, blob));
        Assert.Equal("world206", await CurlAsync("-H", Version, "-H", "Range: bytes=7-", blob));
        var head = await CurlAsync("--head", "-H", Version, blob);
        Assert.Contains("\nContent-Length: 12\n", head.Replace("\r", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase);
        Assert.EndsWith("200", head, StringComparison.Ordinal);
        Assert.Contains("<Name>a b/greeting.txt</Name>", await CurlAsync("-H", Version, $"{container}?restype=container&comp=list"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_without_a_version_is_refused_with_the_header_to_add()
    {
        await using var environment = await LocalEnvironment.StartAsync(new LocalEnvironmentOptions());
        var refused = await CurlAsync("-i", $"{environment.ProxyEndpoint}/notes/b");

        Assert.EndsWith("400", refused, StringComparison.Ordinal);
        Assert.Contains("x-tokenbroker-reason: version-missing", refused, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("<Code>MissingRequiredHeader</Code>", refused, StringComparison.Ordinal);
        Assert.Contains("with curl, add -H &apos;x-ms-version: 2021-12-02&apos;", refused, StringComparison.Ordinal);
    }

    /// <summary>What curl prints, and the status behind it.</summary>
    private static async Task<string> CurlAsync(params string[] arguments)
    {
        var run = await ProcessRun.CompleteAsync(new ProcessSpec("curl", ["--silent", "--show-error", "--max-time", "60", "--write-out", "%{http_code}", .. arguments]));
        Assert.True(run.ExitCode == 0, run.Output);
        return run.StandardOutput.TrimEnd('\n');
    }
}
