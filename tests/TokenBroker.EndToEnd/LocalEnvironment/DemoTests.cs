using System.Text.Json;
using TokenBroker.TestSupport.Processes;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.Environments;

/// <summary>The demo as a person runs it: the built binary, its output, its exit code.</summary>
public class DemoTests
{
    private static readonly (string, string?)[] Poison =
    [
        ("IDENTITY_ENDPOINT", "http://127.0.0.1:9/identity"), ("IDENTITY_HEADER", "poison"), ("IDENTITY_SERVER_THUMBPRINT", "00"),
        ("MSI_ENDPOINT", "http://127.0.0.1:9/msi"), ("MSI_SECRET", "poison"), ("IMDS_ENDPOINT", "http://127.0.0.1:9"),
        ("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:9"), ("AZURE_CLIENT_ID", "poison"), ("AZURE_TENANT_ID", "poison"),
        ("AZURE_FEDERATED_TOKEN_FILE", "/nowhere"), ("AZURE_CLIENT_SECRET", "poison"), ("AZURITE_ACCOUNTS", "poison:cG9pc29u"),
        ("HTTP_PROXY", "http://127.0.0.1:9"), ("HTTPS_PROXY", "http://127.0.0.1:9"), ("ALL_PROXY", "http://127.0.0.1:9"),
        ("http_proxy", "http://127.0.0.1:9"), ("https_proxy", "http://127.0.0.1:9"), ("all_proxy", "http://127.0.0.1:9"),
        ("TOKENBROKER__Listen", "poison"), ("ASPNETCORE_URLS", "http://127.0.0.1:1"), ("DOTNET_URLS", "http://127.0.0.1:1"), ("URLS", "http://127.0.0.1:1"),
        ("NODE_OPTIONS", "--require /nowhere.js"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9"),
    ];

    [Fact]
    [Requires(Capability.Node, Capability.Npm)]
    public async Task Every_row_is_identical_even_when_the_callers_environment_is_poisoned()
    {
        var file = Path.Combine(Path.GetTempPath(), $"demo {Guid.NewGuid():N}.json");
        try
        {
            var result = await ProcessRun.CompleteAsync(
                ClientProgram.Demo("--size", "1KiB", "--size", "300", "--samples", "3", "--json", file).With(Poison));

            Assert.True(result.ExitCode == 0, result.Output);
            using var json = JsonDocument.Parse(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
            var rows = json.RootElement.GetProperty("rows").EnumerateArray().ToArray();
            Assert.Equal(["upload", "download", "ranged read", "list", "delete"], rows.Take(5).Select(row => row.GetProperty("operation").GetString()));
            Assert.Equal(10, rows.Length);
            Assert.All(rows, AssertComplete);
            Assert.Equal("3.35.0", json.RootElement.GetProperty("environment").GetProperty("azuriteVersion").GetString());
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("--samples", "0", "--samples '0' is not a whole number from 1 to 1000.")]
    [InlineData("--size", "big", "--size 'big' is not a size from 1 byte to 256 MiB")]
    [InlineData("--size", "1GiB", "--size '1GiB' is not a size from 1 byte to 256 MiB")]
    [InlineData("--port", "http", "--port 'http' is not a whole number from 1 to 65535.")]
    [InlineData("--json", "/nowhere/at/all.json", "--json '/nowhere/at/all.json' cannot be written")]
    [InlineData("--colour", "red", "--colour")]
    public async Task Wrong_option_is_refused_before_anything_starts(string option, string value, string sentence)
    {
        var result = await ProcessRun.CompleteAsync(ClientProgram.Demo(option, value) with { Limit = TimeSpan.FromSeconds(30) });

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(sentence, result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Starting", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_node_is_one_sentence_without_a_stack_trace()
    {
        var result = await ProcessRun.CompleteAsync(ClientProgram.Demo().With(("PATH", "")));

        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("Node.js, which the storage emulator Azurite runs on, was not found on the PATH: install Node.js 18 or newer", result.Output, StringComparison.Ordinal);
        Assert.Single(result.Output.Trim().Split('\n'));
    }

    private static void AssertComplete(JsonElement row)
    {
        string[] fields = ["operation", "sizeBytes", "directP50Ms", "directP95Ms", "proxiedP50Ms", "proxiedP95Ms", "ratio", "identical"];
        Assert.Equal(fields, row.EnumerateObject().Select(property => property.Name));
        Assert.True(row.GetProperty("identical").GetBoolean());
        Assert.All(fields[1..7], field => Assert.True(row.GetProperty(field).GetDouble() > 0, $"{row}"));
    }
}
