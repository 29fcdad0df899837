using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using TokenBroker.EndToEnd.Environments;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.Imds;
using TokenBroker.TestSupport.Network;
using TokenBroker.TestSupport.Processes;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.CommandLine;

/// <summary><c>tokenbroker probe</c> and <c>tokenbroker wait</c>: exit code and one line for a container's health check, or for whoever must come later.</summary>
[Long]
public class ProbeTests
{
    private static readonly Uri Nowhere = new("https://127.0.0.1:9/photos");

    [Theory]
    [InlineData("probe")]
    [InlineData("probe --ready")]
    [InlineData("probe --live")]
    [InlineData("wait")]
    public async Task Ready_sidecar_is_0(string command)
    {
        await using var imds = await ImdsEmulator.StartAsync();
        await using var sidecar = await StartAsync(imds);
        await sidecar.UntilReadyAsync();

        var result = await RunAsync(command, sidecar.Admin);

        Assert.True(result.ExitCode == 0, result.Output);
    }

    [Theory]
    [InlineData("probe")]
    [InlineData("wait --timeout 5s")]
    public async Task Sidecar_without_a_token_is_1_with_account_reason_and_cure_on_one_line(string command)
    {
        await using var imds = await ImdsEmulator.StartAsync(new() { Identities = [] });
        await using var sidecar = await StartAsync(imds);
        await sidecar.Run.LineAsync("identity-not-assigned", RunningSidecar.Limit);

        var result = await RunAsync(command, sidecar.Admin);

        Assert.Equal((1, ""), (result.ExitCode, result.StandardOutput));
        var line = Assert.Single(result.Output.TrimEnd('\n').Split('\n'));
        Assert.StartsWith($"tokenbroker: {sidecar.Admin}health/ready answered 503: photos has no token (identity-not-assigned). ", line, StringComparison.Ordinal);
        Assert.Contains("Assign the identity to this host", line, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("probe --live", sidecar.Admin)).ExitCode);
    }

    [Theory]
    [InlineData("probe")]
    [InlineData("wait")]
    public async Task Refused_connection_is_tried_until_the_time_is_up(string command)
    {
        using var closed = Bound();
        var clock = Stopwatch.StartNew();

        var result = await RunAsync($"{command} --timeout 1500ms", new Uri($"http://{closed.LocalEndPoint}"));

        Assert.Equal(1, result.ExitCode);
        Assert.True(clock.Elapsed >= TimeSpan.FromMilliseconds(1500), $"gave up after {clock.Elapsed}");
        Assert.Contains("refuses connections: the sidecar does not run", Assert.Single(result.Output.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sidecar_that_starts_after_the_question_still_answers_it()
    {
        int port;
        using (var closed = Bound())
            port = ((IPEndPoint)closed.LocalEndPoint!).Port;
        await using var imds = await ImdsEmulator.StartAsync();
        await using var probe = ProcessRun.Start(SidecarBinary.Spec("probe", "--live", "--timeout", "60s", "--admin", $"http://127.0.0.1:{port}"));
        await using var wait = ProcessRun.Start(SidecarBinary.Spec("wait", "--admin", $"http://127.0.0.1:{port}"));

        await using var sidecar = await RunningSidecar.StartAsync(SidecarBinary.Spec("--account", $"photos={Nowhere}", "--listen", "http://127.0.0.1:0",
            "--admin", $"http://127.0.0.1:{port}", "--metadata-endpoint", imds.BaseAddress.GetLeftPart(UriPartial.Authority), "--exit-with-stdin"));

        Assert.Equal((0, 0), (await probe.ExitAsync(RunningSidecar.Limit), await wait.ExitAsync(RunningSidecar.Limit)));
        Assert.Single(imds.Tokens); // it was ready, and not merely there
    }

    [Theory]
    [InlineData("probe --startup", "/health/startup")]
    [InlineData("probe --live", "/health/live")]
    [InlineData("probe --ready", "/health/ready")]
    [InlineData("probe", "/health/ready")]
    [InlineData("wait", "/health/ready")]
    public async Task Each_question_has_its_path(string command, string path)
    {
        var asked = "";
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            asked = context.Request.Path;
            return context.Response.WriteAsync("""{"status":"ready"}""");
        });

        Assert.Equal((0, path), ((await RunAsync(command, server.Address)).ExitCode, asked));
    }

    [Theory]
    [InlineData(404, "<html>", "answered 404, but it is not the sidecar's admin listener. Correct --admin.")]
    [InlineData(200, "<html>", "answered 200, but it is not the sidecar's admin listener. Correct --admin.")]
    [InlineData(200, "{}", "answered 200, but it is not the sidecar's admin listener. Correct --admin.")]
    public async Task Somebody_else_at_the_address_is_1_and_said_so(int status, string body, string sentence)
    {
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync(body);
        });

        var result = await RunAsync("probe", server.Address);

        Assert.Equal((1, $"tokenbroker: {server.Address}health/ready {sentence}"), (result.ExitCode, result.Output));
    }

    [Fact]
    public async Task Sidecar_that_stops_is_1_and_said_so()
    {
        await using var imds = await ImdsEmulator.StartAsync();
        await using var sidecar = await RunningSidecar.StartAsync(
            new SidecarSettings { Accounts = [("photos", Nowhere)], MetadataEndpoint = imds.BaseAddress, Arguments = ["--drain-min", "1h"] });
        await sidecar.UntilReadyAsync();
        await Signals.SendAsync(sidecar.Run.Id, Signals.Terminate);
        await sidecar.Run.LineAsync("Stopping", RunningSidecar.Limit);

        var result = await RunAsync("probe", sidecar.Admin);

        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith($"tokenbroker: {sidecar.Admin}health/ready answered 503: stopping. Send requests to another instance", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sidecar_that_hangs_is_1_when_the_time_is_up()
    {
        await using var server = await LoopbackServer.StartAsync(context => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted));

        var result = await RunAsync("probe --timeout 300ms", server.Address);

        Assert.Equal((1, $"tokenbroker: {server.Address}health/ready did not answer in time."), (result.ExitCode, result.Output));
    }

    [Theory]
    [InlineData("probe --timeout soon", "--timeout 'soon': write a duration")]
    [InlineData("wait --timeout 0s", "--timeout '0s': write a duration")]
    [InlineData("probe --live --ready", "--ready --live: give only one of these options")]
    [InlineData("probe --admin http://127.0.0.1:0", "--admin 'http://127.0.0.1:0': give the port")]
    [InlineData("wait --listen nonsense", "--listen 'nonsense': write it as")]
    public async Task Wrong_setting_is_2(string command, string line)
    {
        var result = await ProcessRun.CompleteAsync(SidecarBinary.Spec(command.Split(' ')));

        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith($"tokenbroker: {line}", Assert.Single(result.Output.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Variables_and_options_of_the_sidecar_are_taken_as_they_are()
    {
        await using var imds = await ImdsEmulator.StartAsync();
        await using var sidecar = await StartAsync(imds);
        await sidecar.UntilReadyAsync();

        var result = await ProcessRun.CompleteAsync(SidecarBinary.Spec("probe", "--account", "photos", "--audit", "--drain-max", "1s")
            .With(new Dictionary<string, string> { ["TOKENBROKER__Admin"] = sidecar.Admin.GetLeftPart(UriPartial.Authority) }));

        Assert.True(result.ExitCode == 0, result.Output);
    }

    private static Task<RunningSidecar> StartAsync(ImdsEmulator imds) =>
        RunningSidecar.StartAsync(new SidecarSettings { Accounts = [("photos", Nowhere)], MetadataEndpoint = imds.BaseAddress });

    private static Task<ProcessResult> RunAsync(string command, Uri admin) =>
        ProcessRun.CompleteAsync(SidecarBinary.Spec([.. command.Split(' '), "--admin", admin.GetLeftPart(UriPartial.Authority)]));

    // Bound and not listening: connections are refused, and nobody else gets the port meanwhile.
    private static Socket Bound()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }
}
