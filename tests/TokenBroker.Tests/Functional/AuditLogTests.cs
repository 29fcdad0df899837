using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TokenBroker.Configuration;
using TokenBroker.TestSupport;
using Xunit;

namespace TokenBroker.Tests.Functional;

/// <summary>One line for each request, if enabled, with container and operation, and never a blob's name or a secret.</summary>
public class AuditLogTests
{
    private static Task<RunningBroker> StartAsync(CapturedLog log, bool audit = true) => RunningBroker.StartAsync(
        options => options with
        {
            Audit = audit,
            LogLevel = LogLevel.Error, // the audit log does not depend on it
            Accounts = [options.Accounts[0] with { Policy = new() { Containers = ["c", "$root"] } }],
        },
        configure: services => services.AddSingleton<ILoggerProvider>(log));

    /// <summary>The line is written once the answer is, so that a client may be ahead of it.</summary>
    private static async Task<string> LineAsync(CapturedLog log, string beginning)
    {
        await Wait.UntilAsync(() => log.Lines.Any(line => line.StartsWith(beginning, StringComparison.Ordinal)), TimeSpan.FromSeconds(30), $"an audit line '{beginning}'");
        return Assert.Single(log.Lines, line => line.StartsWith(beginning, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("GET /acct/c/pattern-10-planted?sv=2021-06-08&sig=planted", "acct c read: forwarded")]
    [InlineData("GET /acct/planted?snapshot=planted", "acct $root read: forwarded")]
    [InlineData("GET /acct/c?restype=container&comp=list&prefix=planted", "acct c list: forwarded 200")]
    [InlineData("GET /acct/d/planted?sig=planted", "acct d read: refused policy-container 403")]
    [InlineData("GET /acct/c/planted?comp=planted", "acct c unknown: refused policy-unknown 403")]
    [InlineData("GET /acct/planted?restype=planted", "acct - unknown: refused policy-unknown 403")]
    [InlineData("GET /acct/pl%61nted/planted", "acct - -: refused name-encoded 400")]
    [InlineData("GET /planted/c/planted", "- - -: refused account-unknown 400")]
    [InlineData("POST /acct/c?restype=container&comp=batch", "acct c batch: refused batch-malformed 400")]
    [InlineData("POST /acct?comp=batch", "acct - batch: refused batch-malformed 400")]
    [InlineData("GET /acct/c/planted\\..\\planted", "acct c -: refused dot-segment 400")]
    [InlineData("OPTIONS /acct/c/planted", "acct c -: refused method-not-allowed 405")]
    [InlineData("OPTIONS /acct/c?restype=container", "acct c -: refused method-not-allowed 405")]
    [InlineData("OPTIONS /acct/planted", "acct - -: refused method-not-allowed 405")]
    [InlineData("OPTIONS /acct//planted", "acct - -: refused method-not-allowed 405")]
    [InlineData("OPTIONS /planted/c/planted", "- - -: refused method-not-allowed 405")]
    public async Task A_line_has_account_container_operation_verdict_and_both_ids_and_no_name(string line, string beginning)
    {
        using var log = new CapturedLog();
        await using var broker = await StartAsync(log);

        var answer = await broker.SendAsync($"{line} HTTP/1.1\r\nHost: HOST\r\nx-ms-version: 2021-12-02\r\n"
            + $"{(line.StartsWith("POST", StringComparison.Ordinal) ? "Content-Length: 0\r\n" : "")}x-ms-client-request-id: a b\tinfo: forged\r\nAuthorization: SharedKey acct:planted\r\n\r\n");

        var written = await LineAsync(log, beginning);
        Assert.EndsWith($"; client request a?b?info:?forged, request {answer.Header("x-ms-request-id")}", written, StringComparison.Ordinal);
        Assert.DoesNotContain(log.Lines, text => text.Contains("planted", StringComparison.Ordinal));
        Assert.DoesNotContain(log.Lines, text => broker.Metadata.Tokens.Any(token => text.Contains(token.Value, StringComparison.Ordinal)));
    }

    /// <summary>A SAS that may create and not write makes the sidecar add a condition: what it judges is no longer a write.</summary>
    [Theory]
    [InlineData("c", "/acct/c/new", null, "acct c create: forwarded 201", "create")]
    [InlineData("w", "/acct/c/new", null, "acct c write: forwarded 201", "write")]
    [InlineData("c", "/acct/c/new", "write", "acct c create: refused policy-create 403", "create")]
    [InlineData("r", "/acct/c/new", null, "acct c write: refused caller-key-sas-permission 403", "write")]
    [InlineData("c", "/acct/d/new", null, "acct d create: refused policy-container 403", "create")]
    public async Task What_was_judged_is_what_is_written_and_counted(string permissions, string target, string? allowed, string line, string operation)
    {
        using var log = new CapturedLog();
        await using var keyed = await CallerKey.KeyedBroker.StartAsync(
            options => options with
            {
                Audit = true,
                Accounts = [options.Accounts[0] with { Policy = new() { Containers = ["c"], Operations = allowed is null ? PolicyOptions.Usual : BlobOperations.Write } }],
            },
            configure: services => services.AddSingleton<ILoggerProvider>(log));
        using var telemetry = new ProxyTelemetry(keyed.Broker);
        var sas = new Azure.Storage.Sas.BlobSasBuilder { BlobContainerName = target.Split('/')[2], Resource = "c", ExpiresOn = TimeProvider.System.GetUtcNow().AddHours(1) };
        sas.SetPermissions(permissions);

        await keyed.Broker.SendAsync($"PUT {target}?{sas.ToSasQueryParameters(keyed.Credential)} HTTP/1.1\r\nHost: HOST\r\nx-ms-version: 2021-12-02\r\n"
            + "x-ms-blob-type: BlockBlob\r\nContent-Length: 0\r\n\r\n");

        await LineAsync(log, line);
        Assert.Contains($"operation={operation}", Assert.Single(telemetry.Labels("tokenbroker.proxy.requests")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_switch_there_is_no_line()
    {
        using var log = new CapturedLog();
        await using var broker = await StartAsync(log, audit: false);

        await broker.GetAsync("/acct/c/pattern-10");
        await broker.GetAdminAsync("/health/live");

        Assert.DoesNotContain(log.Lines, text => text.StartsWith("acct ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_client_request_id_without_end_is_cut()
    {
        using var log = new CapturedLog();
        await using var broker = await StartAsync(log);

        await broker.GetAsync("/acct/c/pattern-10", $"x-ms-client-request-id: {new string('x', 2000)}\r\n");

        Assert.Contains($"client request {new string('x', 128)},", await LineAsync(log, "acct c read"), StringComparison.Ordinal);
    }
}
