using System.Text.Json;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport.Processes;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.Refusals;

/// <summary>What the sidecar refuses reaches a Python application as the SDK's own exception, with a code, the reason and the cure.</summary>
[Requires(Capability.Python, PythonModules = ["azure.storage.blob"])]
public class PythonTests(RefusingSidecars sidecars) : IClassFixture<RefusingSidecars>
{
    // Prints one line of JSON: what the application would catch.
    private const string Script = """
        import json, sys
        from azure.core.exceptions import HttpResponseError
        from azure.storage.blob import BlobServiceClient

        connection, name, host = sys.argv[1:4]
        blob = BlobServiceClient.from_connection_string(connection, retry_total=0).get_blob_client("things", name)
        hook = (lambda request: request.http_request.headers.update({"Host": host})) if host else None
        caught = []
        for action in (lambda: blob.download_blob(raw_request_hook=hook).readall(),
                       lambda: blob.upload_blob(b"x", overwrite=True, raw_request_hook=hook)):
            try:
                action()
                caught.append(None)
            except HttpResponseError as error:
                code = error.error_code
                caught.append({
                    "status": error.status_code, "code": str(getattr(code, "value", code)), "message": error.message,
                    "reason": error.response.headers.get("x-tokenbroker-reason")})
        print(json.dumps(caught))
        """;

    private RunningSidecar Sidecar => sidecars.Working.Sidecar;

    [Fact]
    public Task Unknown_account() => AssertRefusedAsync(Sidecar.ConnectionString("nobody"), 400, "InvalidUri", "account-unknown", "Start it with --account NAME");

    [Fact]
    public Task Token_that_is_refused() => AssertRefusedAsync(
        sidecars.Refused.Sidecar.ConnectionString(), 503, "ServerBusy", "token-identity-not-assigned", "name one with --identity.");

    [Fact]
    public Task Foreign_host() => AssertRefusedAsync(
        Sidecar.ConnectionString(), 403, "AuthorizationFailure", "host-not-allowed", "allow another name with --host.", host: "evil.example");

    // The SDK resolves a/../b itself; storage reads a backslash as a slash, and the SDK does not know.
    [Fact]
    public Task Dot_segment() => AssertRefusedAsync(Sidecar.ConnectionString(), 400, "InvalidUri", "dot-segment", "Rename the blob.", blob: @"a\..\b");

    [Fact]
    public Task Storage_that_cannot_be_reached() => AssertRefusedAsync(
        Sidecar.ConnectionString(RefusingSidecars.Unreachable), 503, "ServerBusy", "upstream-unreachable", "Check the account's name and endpoint");

    private static async Task AssertRefusedAsync(
        string connection, int status, string code, string reason, string sentence, string blob = "b", string host = "")
    {
        var run = await ProcessRun.CompleteAsync(new ProcessSpec(PythonInterpreter.File, "-c", Script, connection, blob, host));

        Assert.True(run.ExitCode == 0, run.Output);
        using var caught = JsonDocument.Parse(run.StandardOutput);
        Assert.Equal(2, caught.RootElement.GetArrayLength());
        Assert.All(caught.RootElement.EnumerateArray(), refused =>
        {
            Assert.Equal(
                (status, code, reason),
                (refused.GetProperty("status").GetInt32(), refused.GetProperty("code").GetString(), refused.GetProperty("reason").GetString()));
            Assert.Contains(sentence, refused.GetProperty("message").GetString(), StringComparison.Ordinal);
        });
    }
}
