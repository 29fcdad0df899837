using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using TokenBroker.EndToEnd.Environments;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Processes;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.Logging;

/// <summary>Standard output and error may stop taking anything at any time. That costs log messages and nothing else.</summary>
[Collection(nameof(LongTests))]
public partial class StalledOutputTests
{
    /// <summary>What the end may take beyond DrainMax.</summary>
    private static readonly TimeSpan BeyondDrainMax = TimeSpan.FromSeconds(2);

    /// <summary>A pipe whose only reader ends at once.</summary>
    private const string ReaderGone = "5>&1; mkfifo PIPE-gone; (: <PIPE-gone) & exec >PIPE-gone 2>&1";

    [Theory, Long]
    [InlineData(">PIPE", "text")]
    [InlineData(">PIPE 2>&1", "json")]
    [Requires(Capability.Linux)]
    public async Task Output_that_nobody_reads_stops_neither_requests_nor_refreshes_nor_the_end(string redirections, string format)
    {
        const int count = 15_000;
        await using var scene = await StalledScene.StartAsync(redirections, TimeSpan.FromSeconds(8), "--audit", "--drain-max", "5s", "--log-format", format);

        var answers = await scene.GetAsync(count);
        Assert.Equal((count, "200"), (answers.Count, string.Join(", ", answers.Values.Distinct())));
        await Wait.UntilAsync(() => scene.TokensAsked >= 4, RunningSidecar.Limit, "tokens are refreshed");
        Assert.Equal("200", Assert.Single(await scene.GetAsync(1)).Value);
        var ready = await scene.Sidecar.ReadyAsync(scene.Http);
        Assert.Equal("ready", ready.GetProperty("status").GetString());
        var dropped = await scene.Sidecar.DroppedAsync(scene.Http);
        Assert.True(dropped.Audit > 0);
        Assert.Equal(dropped.Audit, ready.GetProperty("log").GetProperty("droppedAudit").GetInt64());
        Assert.Equal("drop", ready.GetProperty("log").GetProperty("auditWhenFull").GetString());

        var clock = Stopwatch.StartNew();
        await Signals.SendAsync(scene.Sidecar.Run.Id, Signals.Terminate);
        Assert.Equal(0, await scene.Sidecar.Run.ExitAsync(RunningSidecar.Limit));
        Assert.True(clock.Elapsed <= TimeSpan.FromSeconds(5) + BeyondDrainMax, $"The end took {clock.Elapsed}.");
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{answers.Count} answered, {dropped} dropped, {scene.TokensAsked} tokens, the end took {clock.Elapsed.TotalSeconds:0.0} s"));
    }

    [Fact, Long]
    [Requires(Capability.Linux)]
    public async Task Once_it_is_read_again_the_lines_and_those_that_are_reported_as_dropped_are_all_there_were()
    {
        const int count = 6_000;
        await using var scene = await StalledScene.StartAsync(">PIPE", arguments: ["--audit", "--log-level", "error"]);

        await scene.GetAsync(count);
        var dropped = await scene.Sidecar.DroppedAsync(scene.Http);
        scene.Pipe.BeginReading();

        await Wait.UntilAsync(() => Audits(scene).Count + dropped.Audit == count + scene.Sidecar.Probes, RunningSidecar.Limit, "all lines are read");
        await Wait.UntilAsync(() => scene.Pipe.Lines.Any(line => Notice().IsMatch(line)), RunningSidecar.Limit, "the drops are reported");
        var notice = Notice().Match(scene.Pipe.Lines.Single(line => Notice().IsMatch(line)));
        Assert.Equal((dropped.Audit + dropped.Other, dropped.Audit), (long.Parse(notice.Groups[1].Value), long.Parse(notice.Groups[2].Value)));
        await scene.GetAsync(10);
        await Wait.UntilAsync(() => Audits(scene).Count + dropped.Audit == count + scene.Sidecar.Probes + 10, RunningSidecar.Limit, "later lines are written");
    }

    [Fact, Long]
    [Requires(Capability.Linux)]
    public async Task With_refuse_storage_sees_no_request_that_is_not_recorded()
    {
        const int count = 7_000;
        await using var scene = await StalledScene.StartAsync(">PIPE", arguments: ["--audit", "--audit-when-full", "refuse", "--drain-max", "5s"]);

        var answers = await scene.GetAsync(count);
        Assert.Equal(["200", "audit-full"], answers.Values.Distinct().Order());
        Assert.Equal(count, answers.Count);
        Assert.Equal(answers.Values.Count(answer => answer == "200"), scene.Storage.Requests.Count);
        var ready = await scene.Sidecar.ReadyAsync(scene.Http);
        Assert.Equal("ready", ready.GetProperty("status").GetString());
        Assert.Equal("refuse", ready.GetProperty("log").GetProperty("auditWhenFull").GetString());
        Assert.True(ready.GetProperty("log").GetProperty("isFull").GetBoolean());
        var dropped = await scene.Sidecar.DroppedAsync(scene.Http);

        scene.Pipe.BeginReading();
        await Wait.UntilAsync(() => Audits(scene).Count + dropped.Audit == count + scene.Sidecar.Probes, RunningSidecar.Limit, "all lines are read");
        var recorded = Audits(scene).Select(line => ClientRequestId().Match(line).Groups[1].Value).ToHashSet();
        Assert.All(scene.Storage.Requests.All, request => Assert.Contains(request.Header("x-ms-client-request-id")!, recorded));
        Assert.All(await scene.GetAsync(100), answer => Assert.Equal("200", answer.Value));
    }

    [Theory]
    [InlineData(">/dev/full")]
    [InlineData(">/dev/full 2>/dev/full")]
    [Requires(Capability.Linux)]
    public async Task A_full_disk_costs_the_lines_and_nothing_else(string redirections)
    {
        await using var scene = await StalledScene.StartAsync(redirections, arguments: ["--audit"]);

        Assert.All(await scene.GetAsync(50), answer => Assert.Equal("200", answer.Value));

        Assert.Equal(50 + scene.Sidecar.Probes, (await scene.Sidecar.DroppedAsync(scene.Http)).Audit);
        await Signals.SendAsync(scene.Sidecar.Run.Id, Signals.Terminate);
        Assert.Equal(0, await scene.Sidecar.Run.ExitAsync(RunningSidecar.Limit));
    }

    [Fact]
    [Requires(Capability.Linux)]
    public async Task A_reader_that_is_gone_costs_the_lines_and_nothing_else()
    {
        await using var scene = await StalledScene.StartAsync(ReaderGone, arguments: ["--audit"]);

        Assert.All(await scene.GetAsync(50), answer => Assert.Equal("200", answer.Value));

        Assert.Equal(50 + scene.Sidecar.Probes, (await scene.Sidecar.DroppedAsync(scene.Http)).Audit);
        await Signals.SendAsync(scene.Sidecar.Run.Id, Signals.Terminate);
        Assert.Equal(0, await scene.Sidecar.Run.ExitAsync(RunningSidecar.Limit));
    }

    [Fact]
    [Requires(Capability.Linux)]
    public async Task With_refuse_nothing_is_sent_while_lines_cannot_be_written_and_all_are_recorded_once_they_can()
    {
        await using var scene = await StalledScene.StartAsync(ReaderGone, arguments: ["--audit-when-full", "refuse"]);
        await Wait.UntilAsync(async () => (await scene.Sidecar.ReadyAsync(scene.Http)).TryGetProperty("log", out var log) && log.GetProperty("isFull").GetBoolean(),
            RunningSidecar.Limit, "the sidecar has noticed");

        Assert.All(await scene.GetAsync(50), answer => Assert.Equal("audit-full", answer.Value));
        Assert.Equal(0, scene.Storage.Requests.Count);

        using var reader = OutputPipe.Open(scene.Pipe.Path + "-gone");
        reader.BeginReading();
        await Wait.UntilAsync(async () => (await scene.GetAsync(1)).Values.Single() == "200", RunningSidecar.Limit, "requests are served again");
        Assert.All(await scene.GetAsync(50), answer => Assert.Equal("200", answer.Value));
        await Wait.UntilAsync(() => reader.Lines.Count(line => line.Contains("forwarded 200", StringComparison.Ordinal)) == scene.Storage.Requests.Count,
            RunningSidecar.Limit, "every request is recorded");
    }

    [Theory]
    [InlineData(2, "--log-level", "loud")]
    [InlineData(1, "--listen", "http://192.0.2.1:1", "--unsafe-allow-non-loopback")]
    [Requires(Capability.Linux)]
    public async Task A_start_that_fails_ends_although_nobody_reads_standard_error(int code, params string[] arguments)
    {
        using var directory = new TemporaryDirectory();
        using var pipe = await OutputPipe.CreateAsync(directory);
        var spec = SidecarBinary.Spec(["--account", "photos", "--admin", "http://127.0.0.1:0", .. arguments]);
        // As many bytes as a pipe holds: the first line of the sidecar's does not fit.
        await using var run = ProcessRun.Start(spec with
        {
            File = "sh",
            Arguments = ["-c", $"exec 2>{pipe.Path}\nhead -c 65536 /dev/zero >&2\nexec \"$0\" \"$@\"", spec.File, .. spec.Arguments],
        });

        Assert.Equal(code, await run.ExitAsync(RunningSidecar.Limit));
    }

    private static List<string> Audits(StalledScene scene) => [.. scene.Pipe.Lines.Where(line => line.Contains(" Audit[211]", StringComparison.Ordinal))];

    [GeneratedRegex(@"Dropped (\d+) log messages \((\d+) audit lines\) while standard output was not being read")]
    private static partial Regex Notice();

    [GeneratedRegex("client request ([-0-9a-f]+),")]
    private static partial Regex ClientRequestId();
}
