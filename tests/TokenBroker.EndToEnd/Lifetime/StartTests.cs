using System.Net;
using TokenBroker.EndToEnd.Environments;
using TokenBroker.EndToEnd.Logging;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Processes;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.Lifetime;

/// <summary>What a process is started with: standard streams, a working directory, the runtime's diagnostics.</summary>
public class StartTests
{
    private const string Diagnostics = "DOTNET_EnableDiagnostics";

    private static SidecarSettings Alone => new()
    {
        Accounts = [("photos", new Uri("https://127.0.0.1:9/photos"))],
        MetadataEndpoint = new Uri("http://127.0.0.1:9"),
    };

    [Theory]
    [InlineData("<&-", 0)]
    [InlineData(">&-", 1)]
    [InlineData("2>&-", 2)]
    [InlineData("<&- >&- 2>&-", 0, 1, 2)]
    [Requires(Capability.Linux)]
    public async Task A_standard_stream_that_was_closed_leads_nowhere_and_to_no_socket(string redirections, params int[] closed)
    {
        // Without --exit-with-stdin, which a closed standard input ends.
        var spec = SidecarBinary.Spec([.. Alone.ToArguments().Where(argument => argument != "--exit-with-stdin")]);
        await using var sidecar = await UnwatchedSidecar.StartAsync(spec, redirections);

        Assert.All(closed, stream => Assert.Equal("/dev/null", new FileInfo($"/proc/{sidecar.Run.Id}/fd/{stream}").LinkTarget));
        await Signals.SendAsync(sidecar.Run.Id, Signals.Terminate);
        Assert.Equal(0, await sidecar.Run.ExitAsync(RunningSidecar.Limit));
    }

    [Fact]
    [Requires(Capability.Linux)]
    public async Task A_deleted_working_directory_changes_nothing()
    {
        using var directory = new TemporaryDirectory();
        await using var sidecar = await UnwatchedSidecar.StartAsync(Alone, "3>&1", $"mkdir {directory.Path}/d && cd {directory.Path}/d && rmdir ../d");

        using var http = Http.CreateClient();
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri(sidecar.Admin, "/health/live"))).StatusCode);
        await Signals.SendAsync(sidecar.Run.Id, Signals.Terminate);
        Assert.Equal(0, await sidecar.Run.ExitAsync(RunningSidecar.Limit));
    }

    [Fact]
    [Requires(Capability.Linux)]
    public async Task The_runtimes_diagnostics_are_off()
    {
        using var directory = new TemporaryDirectory();
        await using var sidecar = await RunningSidecar.StartAsync(Alone with { Environment = new Dictionary<string, string> { ["TMPDIR"] = directory.Path } });

        Assert.Empty(Directory.GetFileSystemEntries(directory.Path));
        Assert.DoesNotContain(File.ReadLines($"/proc/{sidecar.Run.Id}/net/unix"), line => line.Contains($"dotnet-diagnostic-{sidecar.Run.Id}-", StringComparison.Ordinal));
        Assert.DoesNotContain("Security is reduced", sidecar.Run.Output, StringComparison.Ordinal);
    }

    [Fact]
    [Requires(Capability.Linux)]
    public async Task The_runtimes_diagnostics_can_be_switched_on_and_the_start_warns_of_it()
    {
        using var directory = new TemporaryDirectory();
        await using var sidecar = await RunningSidecar.StartAsync(Alone with
        {
            Environment = new Dictionary<string, string> { ["TMPDIR"] = directory.Path, [Diagnostics] = "1" },
        });

        Assert.Contains(Directory.GetFileSystemEntries(directory.Path), file => file.Contains($"dotnet-diagnostic-{sidecar.Run.Id}-", StringComparison.Ordinal));
        await sidecar.Run.LineAsync($"Security is reduced by {Diagnostics}", RunningSidecar.Limit);
    }

    [Fact]
    [Requires(Capability.Linux)]
    public async Task An_empty_argument_is_still_one_after_the_program_has_begun_anew()
    {
        var refused = await ProcessRun.CompleteAsync(SidecarBinary.Spec([.. Alone.ToArguments(), "--caller-key", ""]));

        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("tokenbroker: --caller-key: the file cannot be read", refused.Output, StringComparison.Ordinal);
    }
}
