using System.Net.Sockets;
using TokenBroker.Imds;
using TokenBroker.Imds.Identities;
using Xunit;

namespace TokenBroker.Tests.Emulator;

public sealed class CommandLineTests
{
    [Fact]
    public async Task It_prints_two_lines_with_its_real_ports_and_ends_with_standard_input()
    {
        await using var process = EmulatorProcess.Start(["--exit-with-stdin", "--token-lifetime", "90s", "--identity", "user:backup", "--fresh-tokens"]);
        var (metadata, control) = await process.WaitUntilReadyAsync();

        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{metadata}/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://storage.azure.com");
        request.Headers.Add("Metadata", "true");
        var answer = await (await http.SendAsync(request)).Content.ReadAsStringAsync();
        var identities = await http.GetStringAsync($"{control}/identities");
        process.CloseInput();
        var (exitCode, output, error) = await process.WaitForExitAsync();

        Assert.Contains($"\"client_id\":\"{EmulatedIdentity.User("backup").ClientId}\"", answer);
        Assert.Matches("\"expires_in\":\"(89|90)\"", answer);
        Assert.Contains("\"backup\"", identities);
        Assert.Equal((0, "", ""), (exitCode, output, error));
    }

    [Fact]
    public async Task SIGTERM_ends_it_with_exit_code_0_even_while_a_request_hangs()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no SIGTERM");
        await using var process = EmulatorProcess.Start([]);
        var (metadata, control) = await process.WaitUntilReadyAsync();
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        await http.PostAsync($"{control}/faults", new StringContent("""{"kind":"hang"}"""));
        using var socket = new TcpClient();
        await socket.ConnectAsync("127.0.0.1", new Uri(metadata).Port);
        await socket.GetStream().WriteAsync("GET /metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://storage.azure.com HTTP/1.1\r\nHost: h\r\nMetadata: true\r\n\r\n"u8.ToArray());

        await process.TerminateAsync();

        Assert.Equal((0, "", ""), await process.WaitForExitAsync());
    }

    [Fact]
    public async Task ASP_NETs_own_configuration_changes_nothing()
    {
        var directory = Directory.CreateTempSubdirectory("imds emulator ");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(directory.FullName, "appsettings.json"),
                """{"urls":"http://127.0.0.1:1","Kestrel":{"Endpoints":{"X":{"Url":"http://127.0.0.1:1"}},"Limits":{"MaxConcurrentConnections":0}}}""");
            await using var process = EmulatorProcess.Start(["--exit-with-stdin"], directory.FullName,
                ("ASPNETCORE_URLS", "http://127.0.0.1:1"), ("ASPNETCORE_HTTP_PORTS", "1"), ("ASPNETCORE_ENVIRONMENT", "Development"),
                ("ASPNETCORE_FORWARDEDHEADERS_ENABLED", "true"), ("Kestrel__Endpoints__Y__Url", "http://127.0.0.1:1"), ("DOTNET_URLS", "http://127.0.0.1:1"));

            var (metadata, control) = await process.WaitUntilReadyAsync();
            using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{metadata}/metadata/identity/oauth2/token");
            request.Headers.Add("X-Forwarded-For", "203.0.113.9");
            request.Headers.Add("Metadata", "true");
            using var answer = await http.SendAsync(request);
            var record = await http.GetStringAsync($"{control}/requests");
            process.CloseInput();

            Assert.Contains("X-Forwarded-For", await answer.Content.ReadAsStringAsync());
            Assert.Contains("203.0.113.9", record);
            Assert.NotEqual(metadata, control);
            Assert.Equal((0, "", ""), await process.WaitForExitAsync());
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Every_malformed_setting_is_named_in_one_line_and_the_exit_code_is_2()
    {
        await using var process = EmulatorProcess.Start(
        [
            "--listen", "localhost:80", "--control", "http://0.0.0.0:0", "--token-lifetime", "3d", "--reuse-until", "2",
            "--identity", "somebody", "--identity", "user:a,client-id=x", "--tenant-id", "t", "--rate-limit", "0", "--concurrency-limit", "many",
            "--rate-limit-retry-after", "-1s", "--identities", "/no/such/file",
        ]);

        var (exitCode, output, error) = await process.WaitForExitAsync();

        string[] settings =
        [
            "--concurrency-limit: 'many'", "--control: '0.0.0.0:0'", "--identities: '/no/such/file'", "--identity client-id: 'x'", "--identity: 'somebody'",
            "--listen: 'localhost:80'", "--rate-limit-retry-after: '-1s'", "--rate-limit: '0'", "--reuse-until: '2'", "--tenant-id: 't'", "--token-lifetime: '3d'",
        ];
        Assert.Equal((2, ""), (exitCode, output));
        var lines = error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal).ToArray();
        Assert.Equal(settings.Length, lines.Length);
        Assert.All(settings.Order(StringComparer.Ordinal).Zip(lines), pair => Assert.StartsWith(pair.First, pair.Second));
    }

    [Theory]
    [InlineData("--no-such-option")]
    [InlineData("--listen")]
    [InlineData("--listen http://127.0.0.1:0 --listen http://127.0.0.1:0")]
    [InlineData("--fresh-tokens --reuse-until 0.2")]
    [InlineData("--no-rate-limit --rate-limit 5")]
    [InlineData("--no-identity --identity system")]
    [InlineData("--identity system --identity system:name=other")]
    public async Task An_unknown_or_contradictory_option_is_refused_with_exit_code_2(string arguments)
    {
        await using var process = EmulatorProcess.Start(arguments.Split(' '));

        var (exitCode, output, error) = await process.WaitForExitAsync();

        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains("--", error);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("--help", "--exit-with-stdin")]
    [InlineData("--version", "0.1.0")]
    public async Task Help_and_version_go_to_standard_output(string option, string expected)
    {
        await using var process = EmulatorProcess.Start([option]);

        var (exitCode, output, error) = await process.WaitForExitAsync();

        Assert.Equal((0, ""), (exitCode, error));
        Assert.Contains(expected, output);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_one_sentence_and_exit_code_1()
    {
        await using var other = await ImdsEmulator.StartAsync();
        await using var process = EmulatorProcess.Start(["--listen", other.BaseAddress.GetLeftPart(UriPartial.Authority)]);

        var (exitCode, output, error) = await process.WaitForExitAsync();

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Single(error.TrimEnd().Split('\n'));
        Assert.Contains($"{other.BaseAddress.Port}", error);
    }

    [Fact]
    public async Task Identities_are_read_from_a_file()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, """[{"kind":"system"},{"kind":"user","name":"media","clientId":"11111111-2222-3333-4444-555555555555"}]""");
            await using var process = EmulatorProcess.Start(["--exit-with-stdin", "--identities", file, "--identity", "user:backup"]);
            var (_, control) = await process.WaitUntilReadyAsync();

            using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
            var identities = await http.GetStringAsync($"{control}/identities");
            process.CloseInput();

            Assert.Contains("11111111-2222-3333-4444-555555555555", identities);
            Assert.Equal(0, (await process.WaitForExitAsync()).ExitCode);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
