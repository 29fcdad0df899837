using System.Text.RegularExpressions;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Network;
using TokenBroker.TestSupport.Requirements;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.EndToEnd.HalfClosed;

/// <summary>A client that has ended its sending still gets its answer, and nothing waits for one that is gone.</summary>
[Requires(Capability.Linux)]
[Collection(nameof(LongTests))]
public sealed partial class HalfClosedClientTests
{
    private const string Version = "x-ms-version: 2021-12-02\r\n";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>What a client sends before it ends its sending, and how many answers it is owed.</summary>
    private static readonly (string Name, string Text, int Answers)[] Requests =
    [
        ("GET", $"GET /acct/things/pattern-1000 HTTP/1.1\r\nHost: HOST\r\n{Version}\r\n", 1),
        ("GET of more than any buffer", $"GET /acct/things/pattern-8000000 HTTP/1.1\r\nHost: HOST\r\n{Version}\r\n", 1),
        ("GET of HTTP/1.0", $"GET /acct/things/pattern-1000 HTTP/1.0\r\nHost: HOST\r\n{Version}\r\n", 1),
        ("HEAD", $"HEAD /acct/things/pattern-1000 HTTP/1.1\r\nHost: HOST\r\n{Version}\r\n", 1),
        ("GET of nothing", $"GET /acct/things/missing HTTP/1.1\r\nHost: HOST\r\n{Version}\r\n", 1),
        ("PUT", $"PUT /acct/things/put HTTP/1.1\r\nHost: HOST\r\n{Version}x-ms-blob-type: BlockBlob\r\nContent-Length: 5\r\n\r\nhello", 1),
        ("large PUT", $"PUT /acct/things/large HTTP/1.1\r\nHost: HOST\r\n{Version}x-ms-blob-type: BlockBlob\r\nContent-Length: 3000000\r\n\r\n{new string('x', 3_000_000)}", 1),
        ("chunked PUT", $"PUT /acct/things/chunked HTTP/1.1\r\nHost: HOST\r\n{Version}x-ms-blob-type: BlockBlob\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 1),
        ("PUT that would wait", $"PUT /acct/things/waits HTTP/1.1\r\nHost: HOST\r\n{Version}x-ms-blob-type: BlockBlob\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello", 1),
        ("batch", $"POST /acct/things?restype=container&comp=batch HTTP/1.1\r\nHost: HOST\r\n{Version}Content-Type: multipart/mixed; boundary=b\r\nContent-Length: LENGTH\r\n\r\n"
            + $"--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: 0\r\n\r\nDELETE /acct/things/missing HTTP/1.1\r\n{Version}Content-Length: 0\r\n\r\n--b--\r\n", 1),
        ("refusal", $"GET /acct/things/pattern-1000 HTTP/1.1\r\nHost: evil.example\r\n{Version}\r\n", 1),
        ("refusal of a body", $"PUT /nobody/things/put HTTP/1.1\r\nHost: HOST\r\n{Version}x-ms-blob-type: BlockBlob\r\nContent-Length: 5\r\n\r\nhello", 1),
        ("requests in a row", string.Concat(Enumerable.Range(1, 3).Select(size => $"GET /acct/things/pattern-{size} HTTP/1.1\r\nHost: HOST\r\n{Version}\r\n")), 3),
        ("request and its close", $"GET /acct/things/pattern-1000 HTTP/1.1\r\nHost: HOST\r\n{Version}Connection: close\r\n\r\n", 1),
    ];

    [Theory, Long]
    [InlineData("http")]
    [InlineData("https")]
    public async Task Answer_is_that_to_a_client_that_stays_open(string scheme)
    {
        using var certificates = Certificates.Create();
        await using var scene = await StartAsync(scheme, certificates);
        scene.Storage.AnswerAll(new() { Delay = TimeSpan.FromMilliseconds(200) }); // the end of sending is there before the answer

        foreach (var (name, text, answers) in Requests)
        {
            var open = await AnswersAsync(scene, certificates, text, answers, halfClosed: false);
            TestContext.Current.TestOutputHelper?.WriteLine($"{name}: end of sending");
            var halfClosed = await AnswersAsync(scene, certificates, text, answers, halfClosed: true);

            Assert.True(open == halfClosed, $"{name} over {scheme}: to a client that stays open\n{Shortened(open)}\nto a half-closed one\n{Shortened(halfClosed)}");
        }
    }

    [Theory, Long]
    [InlineData("http")]
    [InlineData("https")]
    public async Task Connection_without_a_request_in_flight_is_closed_at_once(string scheme)
    {
        using var certificates = Certificates.Create();
        await using var scene = await StartAsync(scheme, certificates);

        await using var unused = await RawConnection.OpenAsync(scene.Sidecar.Address, certificates);
        await unused.FinishSendingAsync();
        Assert.True(await unused.IsClosedByPeerAsync());

        await using var idle = await RawConnection.OpenAsync(scene.Sidecar.Address, certificates);
        await idle.SendAsync(Requests[0].Text.Replace("HOST", scene.Sidecar.Address.Authority, StringComparison.Ordinal));
        Assert.Equal(200, (await idle.ReadResponseAsync()).Status);
        await idle.FinishSendingAsync();
        Assert.True(await idle.IsClosedByPeerAsync());

        await using var broken = await RawConnection.OpenAsync(scene.Sidecar.Address, certificates);
        await broken.SendAsync("GET /acct/things/pattern-5 HTTP/1.1\r\nHost: 127.0");
        await broken.FinishSendingAsync();
        var answer = await Record.ExceptionAsync(async () => Assert.Equal(400, (await broken.ReadResponseAsync()).Status));
        Assert.True(answer is null or IOException, answer?.ToString());
        Assert.True(await broken.IsClosedByPeerAsync());
        Assert.Single(scene.Storage.Requests.All);
    }

    [Fact, Long]
    public async Task Admin_and_health_listeners_answer_as_well()
    {
        await using var scene = await Scene.StartAsync(prepare: (_, settings) => settings with { Arguments = ["--health-listen", "http://127.0.0.1:0"] });
        var health = new Uri((await scene.Sidecar.Run.LineAsync(@"no authentication\): (http://\S+)", RunningSidecar.Limit)).Groups[1].Value);

        foreach (var address in new[] { scene.Sidecar.Admin, health })
        {
            await using var connection = await RawConnection.OpenAsync(address);
            await connection.SendAsync($"GET /metrics HTTP/1.1\r\nHost: {address.Authority}\r\n\r\n");
            await connection.FinishSendingAsync();
            Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
            Assert.True(await connection.IsClosedByPeerAsync());
        }
    }

    [Theory, Long]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reset_ends_the_request_at_storage_even_after_the_client_ended_its_sending(bool halfClosedFirst)
    {
        await using var scene = await StartAsync("http", null);
        var release = new TaskCompletionSource();
        scene.Storage.AnswerAll(PlannedAnswer.Hold(release.Task));
        var connection = await RawConnection.OpenAsync(scene.Sidecar.Address);
        await connection.SendAsync(Requests[0].Text.Replace("HOST", scene.Sidecar.Address.Authority, StringComparison.Ordinal));
        if (halfClosedFirst)
            await connection.FinishSendingAsync();
        await scene.Storage.Requests.FirstAsync(_ => true, Limit);

        connection.Reset();

        await Wait.UntilAsync(() => scene.Storage.OpenConnections == 0, Limit, "the request to storage is given up");
        await scene.Sidecar.Run.LineAsync("read: client-gone ", Limit);
        release.SetResult();
    }

    [Fact, Long]
    public async Task Client_that_closed_for_good_holds_its_place_only_until_storage_answers()
    {
        await using var scene = await StartAsync("http", null);
        var release = new TaskCompletionSource();
        scene.Storage.AnswerAll(PlannedAnswer.Hold(release.Task));
        await using (var connection = await RawConnection.OpenAsync(scene.Sidecar.Address))
        {
            await connection.SendAsync(Requests[1].Text.Replace("HOST", scene.Sidecar.Address.Authority, StringComparison.Ordinal));
            await scene.Storage.Requests.FirstAsync(_ => true, Limit);
        }

        release.SetResult();

        await scene.Sidecar.Run.LineAsync("read: client-gone ", Limit);
        var port = scene.Sidecar.Address.Port;
        await Wait.UntilAsync(() => TcpSockets.Connections(scene.Sidecar.Run.Id).All(socket => socket.Local.Port != port), Limit, "the connection is closed");
    }

    [Fact, Long]
    public async Task Drain_waits_for_the_answer_to_a_half_closed_client()
    {
        await using var scene = await StartAsync("http", null);
        var release = new TaskCompletionSource();
        scene.Storage.AnswerAll(PlannedAnswer.Hold(release.Task));
        await using var connection = await RawConnection.OpenAsync(scene.Sidecar.Address);
        await connection.SendAsync(Requests[1].Text.Replace("HOST", scene.Sidecar.Address.Authority, StringComparison.Ordinal));
        await connection.FinishSendingAsync();
        await scene.Storage.Requests.FirstAsync(_ => true, Limit);

        var stopped = scene.Sidecar.StopAsync();
        await scene.Sidecar.UntilRefusedAsync();
        release.SetResult();

        Assert.Equal(8_000_000, (await connection.ReadResponseAsync()).Body.Length);
        Assert.Equal(0, await stopped);
    }

    private static async Task<Scene> StartAsync(string scheme, Certificates? certificates)
    {
        var scene = await Scene.StartAsync(prepare: (scene, settings) =>
        {
            settings = settings with { Arguments = ["--audit"] };
            if (scheme == "http")
                return settings;
            var files = certificates!.WriteTo(Directory.CreateDirectory(scene.Directory.File("tls")).FullName);
            return settings with { Listen = "https://127.0.0.1:0", Arguments = ["--audit", "--tls-cert", files.Server, "--tls-key", files.ServerKey] };
        });
        await scene.Sidecar.UntilReadyAsync();
        return scene;
    }

    private static async Task<string> AnswersAsync(Scene scene, Certificates certificates, string text, int count, bool halfClosed)
    {
        await using var connection = await RawConnection.OpenAsync(scene.Sidecar.Address, certificates);
        text = text.Replace("HOST", scene.Sidecar.Address.Authority, StringComparison.Ordinal)
            .Replace("LENGTH", (text.Length - text.IndexOf("\r\n\r\n", StringComparison.Ordinal) - 4).ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
        await connection.SendAsync(text);
        if (halfClosed)
            await connection.FinishSendingAsync();
        var answers = "";
        for (var answer = 0; answer < count;)
        {
            var read = await connection.ReadResponseAsync(toHead: text.StartsWith("HEAD", StringComparison.Ordinal));
            if (read.Status == 100) // left out where the body is there already, whoever sends it
                continue;
            answers += Shown(read);
            answer++;
        }

        if (halfClosed)
            Assert.True(await connection.IsClosedByPeerAsync());
        return answers;
    }

    private static string Shown(RawResponse answer)
    {
        string[] changing = ["Date", "ETag", "Last-Modified", "x-ms-request-id", "x-ms-creation-time", "x-ms-version-id"];
        var headers = answer.Headers.Where(header => !changing.Contains(header.Key, StringComparer.OrdinalIgnoreCase)).Select(header => $"{header.Key}: {Changing().Replace(header.Value, "…")}\n");
        return $"{answer.StatusLine}\n{string.Concat(headers)}\n{Changing().Replace(answer.Text, "…")}\n";
    }

    private static string Shortened(string text) => text.Length > 2000 ? text[..2000] : text;

    /// <summary>Identifiers and times in headers and bodies.</summary>
    [GeneratedRegex(@"[0-9a-fA-F]{8}-[0-9a-fA-F-]{20,}|[0-9a-fA-F]{32}|\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT|\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)|0x[0-9A-F]+")]
    private static partial Regex Changing();
}
