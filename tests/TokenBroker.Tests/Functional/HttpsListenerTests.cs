using System.Net;
using System.Security.Authentication;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TokenBroker.Configuration;
using TokenBroker.Tests.Tokens;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Network;
using Xunit;

namespace TokenBroker.Tests.Functional;

/// <summary>The data listener over https, for clients that have Azure's own address built in and are led here by a hosts entry.</summary>
public sealed class HttpsListenerTests : IDisposable
{
    private const string RealHost = "acct.blob.core.windows.net";

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private CertificatePair Write(Certificates certificates)
    {
        var files = certificates.WriteTo(_directory.Path);
        return new(files.Server, files.ServerKey);
    }

    private static Task<RunningBroker> StartAsync(CertificatePair pair, TestClock? clock = null, CapturedLog? log = null) => RunningBroker.StartAsync(
        options => options with { Listen = [new(IPAddress.Loopback, 0, IsHttps: true)], Certificate = pair, LogLevel = LogLevel.Information },
        configure: services =>
        {
            if (log is not null)
                services.AddSingleton<ILoggerProvider>(log);
        },
        clock: clock);

    private static Task<RawResponse> GetAsync(RunningBroker broker, Certificates trusted, string target = "/acct/c/pattern-5", string? host = null) =>
        RawConnection.ExchangeAsync(broker.Data, $"GET {target} HTTP/1.1\r\nHost: {host ?? broker.Data.Authority}\r\nx-ms-version: 2021-12-02\r\n\r\n", trusted);

    [Theory]
    [InlineData("/acct/c/pattern-5", null)]
    [InlineData("/c/pattern-5", "acct.blob.localhost")]
    public async Task A_request_over_https_is_served_in_both_styles(string target, string? host)
    {
        using var certificates = Certificates.Create();
        await using var broker = await StartAsync(Write(certificates));

        var answer = await GetAsync(broker, certificates, target, host);

        Assert.Equal(200, answer.Status);
        Assert.Equal("/acct/c/pattern-5", Assert.Single(broker.Storage.Requests.All).RawTarget);
    }

    [Fact]
    public async Task The_accounts_own_host_is_served_and_a_stranger_is_not()
    {
        using var certificates = Certificates.Create("127.0.0.1", RealHost);
        await using var broker = await RunningBroker.StartAsync(options => options with
        {
            Listen = [new(IPAddress.Loopback, 0, IsHttps: true)],
            Certificate = Write(certificates),
            // Storage is at another address than its name says, as behind a hosts entry; here it has another name's certificate.
            Accounts = [new() { Name = "acct", Endpoint = new($"https://{RealHost}"), ConnectTo = new("127.0.0.1", options.Accounts[0].Endpoint.Port) }],
        });

        var own = await GetAsync(broker, certificates, "/c/pattern-5", RealHost);
        var stranger = await GetAsync(broker, certificates, "/c/pattern-5", "other.blob.core.windows.net");

        Assert.Equal("upstream-untrusted", own.Header("x-tokenbroker-reason")); // it went that far
        Assert.Equal("host-not-allowed", stranger.Header("x-tokenbroker-reason"));
    }

    [Fact]
    public async Task A_renewed_certificate_is_shown_and_one_that_cannot_be_read_is_not()
    {
        var (clock, log) = (new TestClock(), new CapturedLog());
        using var first = Certificates.Create();
        using var second = Certificates.Create();
        var pair = Write(first);
        await using var broker = await StartAsync(pair, clock, log);
        Assert.Equal(200, (await GetAsync(broker, first)).Status);

        await File.WriteAllTextAsync(pair.CertificateFile, "half a certif", TestContext.Current.CancellationToken);
        await UntilAsync(clock, () => Task.FromResult(log.Lines.Any(line => line.Contains("The previous certificate stays in use", StringComparison.Ordinal))));
        Assert.Equal(200, (await GetAsync(broker, first)).Status);

        Write(second);
        await UntilShownAsync(clock, broker, second);
        await Assert.ThrowsAnyAsync<Exception>(() => GetAsync(broker, first));
        // It is said once, however often the files are looked at.
        Assert.Single(log.Lines, line => line.Contains("The previous certificate stays in use", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_certificate_behind_a_link_to_its_directory_is_renewed_when_the_link_is_swapped()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a right of their own on Windows.");
        var clock = new TestClock();
        using var first = Certificates.Create();
        using var second = Certificates.Create();
        // As a kubelet mounts a secret: tls.crt is a link to ..data/tls.crt, and ..data a link to a directory with a time in its name.
        foreach (var (name, certificates) in new[] { ("..2026_1", first), ("..2026_2", second) })
            certificates.WriteTo(Directory.CreateDirectory(_directory.File(name)).FullName);
        Directory.CreateSymbolicLink(_directory.File("..data"), "..2026_1");
        var pair = new CertificatePair(_directory.File("tls.crt"), _directory.File("tls.key"));
        File.CreateSymbolicLink(pair.CertificateFile, "..data/server.pem");
        File.CreateSymbolicLink(pair.KeyFile, "..data/server.key");
        await using var broker = await StartAsync(pair, clock);
        Assert.Equal(200, (await GetAsync(broker, first)).Status);

        Directory.Delete(_directory.File("..data"));
        Directory.CreateSymbolicLink(_directory.File("..data"), "..2026_2");

        await UntilShownAsync(clock, broker, second);
    }

    [Fact]
    public async Task A_certificate_that_is_renewed_before_its_key_waits_for_it_and_the_times_of_the_files_do_not_matter()
    {
        var (clock, log) = (new TestClock(), new CapturedLog());
        using var first = Certificates.Create();
        using var second = Certificates.Create();
        var pair = Write(first);
        var written = File.GetLastWriteTimeUtc(pair.CertificateFile);
        await using var broker = await StartAsync(pair, clock, log);

        File.WriteAllText(pair.CertificateFile, second.ServerPem);
        File.SetLastWriteTimeUtc(pair.CertificateFile, written);
        await UntilAsync(clock, () => Task.FromResult(log.Lines.Any(line => line.Contains("The previous certificate stays in use", StringComparison.Ordinal))));
        Assert.Equal(200, (await GetAsync(broker, first)).Status);

        File.WriteAllText(pair.KeyFile, second.ServerKeyPem);
        File.SetLastWriteTimeUtc(pair.KeyFile, written);
        await UntilShownAsync(clock, broker, second);
    }

    private static Task UntilShownAsync(TestClock clock, RunningBroker broker, Certificates certificates) => UntilAsync(clock, async () =>
    {
        try
        {
            return (await GetAsync(broker, certificates)).Status == 200;
        }
        catch (AuthenticationException)
        {
            return false;
        }
    });

    /// <summary>The files are read on a thread of their own, some time after the clock says so.</summary>
    private static Task UntilAsync(TestClock clock, Func<Task<bool>> condition) => Wait.UntilAsync(async () =>
    {
        clock.Advance(TimeSpan.FromSeconds(2));
        return await condition();
    }, TimeSpan.FromSeconds(30), "the files were read again");

    [Fact]
    public async Task What_is_no_TLS_gets_no_answer()
    {
        using var certificates = Certificates.Create();
        await using var broker = await StartAsync(Write(certificates));

        await Assert.ThrowsAnyAsync<IOException>(() => RawConnection.ExchangeAsync(
            new Uri($"http://{broker.Data.Authority}"), $"GET /acct/c/b HTTP/1.1\r\nHost: {broker.Data.Authority}\r\nx-ms-version: 2021-12-02\r\n\r\n"));
        Assert.Equal(0, broker.Storage.Requests.Count);
    }
}
