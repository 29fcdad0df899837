using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport.Processes;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.CommandLine;

/// <summary>What the executable says when it is asked, and when it starts or cannot.</summary>
public class AnswerTests
{
    [Fact]
    public async Task Help_names_every_option_and_ends_with_0()
    {
        var help = await ProcessRun.CompleteAsync(SidecarBinary.Spec("--help"));

        Assert.Equal(0, help.ExitCode);
        Assert.Equal(help.Output.TrimEnd(), help.StandardOutput.TrimEnd());
        string[] options =
        [
            "--account <NAME[=ENDPOINT]>", "--identity <IDENTITY>", "--listen <URL>", "--admin <URL>", "--health-listen <URL>", "--tls-cert <FILE>", "--tls-key <FILE>", "--host <NAME[:PORT]>", "--metadata-endpoint <URL>",
            "--upstream-ca <FILE>", "--caller-key <FILE>", "--audit", "--audit-when-full <WHAT>", "--config <FILE>", "--drain-min <DURATION>", "--drain-max <DURATION>", "--log-level <LEVEL>", "--log-format <FORMAT>", "--exit-with-stdin",
            "--unsafe-allow-http-upstream", "--unsafe-allow-missing-version", "--unsafe-allow-non-loopback", "--version", "--help",
        ];
        Assert.All(options, option => Assert.Contains(option, help.StandardOutput, StringComparison.Ordinal));
        Assert.Equal(options.Length, Regex.Count(help.StandardOutput, @"(?m)^  (-\S+, )*--\S+"));
    }

    [Theory]
    [InlineData("http")]
    [InlineData("https")] // it serves nobody, and so needs no certificate
    public async Task Key_command_prints_a_key_that_a_client_of_the_account_can_sign_with_and_ends_with_0(string scheme)
    {
        var answer = await ProcessRun.CompleteAsync(SidecarBinary.Spec("key", "--account", "photos", "--listen", $"{scheme}://127.0.0.1:12000"));

        Assert.Equal((0, answer.StandardOutput.TrimEnd()), (answer.ExitCode, answer.Output.TrimEnd()));
        var key = Assert.Single(answer.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => line[0] != '#').TrimEnd();
        Assert.True(Convert.FromBase64String(key).Length >= 32);
        Assert.Contains($"DefaultEndpointsProtocol={scheme};AccountName=photos;AccountKey={key};BlobEndpoint={scheme}://127.0.0.1:12000/photos;", answer.StandardOutput, StringComparison.Ordinal);
    }

    [Theory, Requires(Capability.Linux)]
    [InlineData("key")]
    [InlineData("env --client python --account photos")]
    [InlineData("--help")]
    public async Task Answer_that_cannot_be_written_is_one_sentence_and_exit_code_1(string arguments)
    {
        var answer = await ProcessRun.CompleteAsync(new ProcessSpec("sh", "-c", $"exec \"$0\" {arguments} > /dev/full", SidecarBinary.Spec().File) { Environment = SidecarBinary.Spec().Environment });

        Assert.Equal(1, answer.ExitCode);
        Assert.StartsWith("tokenbroker: Cannot write the output: ", Assert.Single(answer.Output.Trim().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Version_is_one_line_and_ends_with_0()
    {
        var version = await ProcessRun.CompleteAsync(SidecarBinary.Spec("--version"));

        Assert.Equal(0, version.ExitCode);
        Assert.Matches(@"^\d+\.\d+\.\d+\n$", version.StandardOutput);
    }

    [Theory]
    [InlineData("--listen")]
    [InlineData("--admin")]
    public async Task Port_that_is_taken_is_one_sentence_and_exit_code_1(string option)
    {
        // Stands for the metadata endpoint too: it never answers, and so gives the log nothing to tell.
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var other = option == "--listen" ? "--admin" : "--listen";
        var result = await ProcessRun.CompleteAsync(SidecarBinary.Spec(
            "--account", "photos", "--metadata-endpoint", $"http://{taken.LocalEndpoint}", option, $"http://{taken.LocalEndpoint}", other, "http://127.0.0.1:0")
            .With(new Dictionary<string, string> { ["TOKENBROKER__Tokens__AttemptTimeout"] = "2m" }));

        Assert.Equal(1, result.ExitCode);
        var sentence = Assert.Single(result.Output.Split('\n'));
        Assert.Contains($"http://{taken.LocalEndpoint}", sentence, StringComparison.Ordinal);
        Assert.Contains("in use", sentence, StringComparison.Ordinal);
        Assert.EndsWith(" Give another port with --listen, --admin or --health-listen.", sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Address_of_another_host_is_one_sentence_and_exit_code_1()
    {
        using var metadata = new TcpListener(IPAddress.Loopback, 0);
        metadata.Start();
        var result = await ProcessRun.CompleteAsync(SidecarBinary.Spec(
            "--account", "photos", "--metadata-endpoint", $"http://{metadata.LocalEndpoint}",
            "--listen", "http://192.0.2.1:5000", "--unsafe-allow-non-loopback", "--admin", "http://127.0.0.1:0"));

        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("tokenbroker: Failed to listen on http://192.0.2.1:5000: ", Assert.Single(result.Output.Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Port_0_prints_the_port_that_it_got()
    {
        await using var sidecar = await RunningSidecar.StartAsync(Alone);

        Assert.NotEqual(sidecar.Address.Port, sidecar.Admin.Port);
        Assert.All(new[] { sidecar.Address, sidecar.Admin }, address => Assert.NotInRange(address.Port, 0, 1023));
        using var http = Http.CreateClient();
        using var live = await http.GetAsync(new Uri(sidecar.Admin, "/health/live"));
        using var refused = await http.GetAsync(sidecar.At("photos"));
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.BadRequest), (live.StatusCode, refused.StatusCode));
    }

    [Fact]
    public async Task Start_is_one_message_with_addresses_accounts_and_identity()
    {
        await using var sidecar = await RunningSidecar.StartAsync(Alone with { Arguments = ["--log-level", "information"] });

        var message = Assert.Single(sidecar.Run.Output.Split('\n'), line => line.Contains("is ready", StringComparison.Ordinal));
        Assert.Contains($"{sidecar.Address}photos to https://127.0.0.1:9/photos as system from imds (the metadata endpoint is set to http://127.0.0.1:9)", message, StringComparison.Ordinal);
    }

    // Neither storage nor metadata: it listens all the same.
    private static SidecarSettings Alone => new()
    {
        Accounts = [("photos", new Uri("https://127.0.0.1:9/photos"))],
        MetadataEndpoint = new Uri("http://127.0.0.1:9"),
    };
}
