using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Processes;
using Xunit;

namespace TokenBroker.EndToEnd.CommandLine;

/// <summary>Settings that cannot be run with: exit code 2, and on standard error one line per fault with setting, value and cure.</summary>
public class FaultTests
{
    private const string Account = "--account photos";

    public static TheoryData<string, string> Faults => new()
    {
        { "", "--account: add at least one storage account, as in --account NAME" },
        { "--account Photos", "--account 'Photos': an account's name has 3 to 24 lower-case letters and digits" },
        { "--account photos=storage", "--account 'storage': write an absolute URL, as in https://NAME.blob.core.windows.net" },
        { "--account photos=http://127.0.0.1:1/photos", "--account 'http://127.0.0.1:1/photos': write https: over http the token would be sent in clear text" },
        { "--account photos=https://user@host", "--account 'https://…@host': give only scheme, host, port and a plain path" },
        { "--account photos --account photos", "--account 'photos': is given more than once; give each account once" },
        { Account + " --account =https://host", "--account '=https://host': write NAME or NAME=ENDPOINT" },
        { "--account photos=https://host/x --account films=https://host/x", "--account 'https://host/x': is the endpoint of films and photos; give each account its own" },
        { Account + " --identity somebody", "--identity 'somebody': write system, client-id:GUID, object-id:GUID" },
        { Account + " --identity client-id:12", "--identity 'client-id:12': write system, client-id:GUID" },
        { Account + " --identity azure-cli --metadata-endpoint http://127.0.0.1:1", "'azure-cli': contradicts the metadata endpoint http://127.0.0.1:1; remove one of them" },
        { Account + " --listen http://127.0.0.1:12000 --listen http://localhost:12000", "--listen 'http://localhost:12000': http://127.0.0.1:12000 already has this address and port; give each listener its own" },
        { Account + " --listen http://localhost:0 --listen https://localhost:0", "--listen 'https://localhost:0': https needs a certificate: add its PEM file with --tls-cert, and the key's with --tls-key" },
        { Account + " --identity system --identity azure-cli", "--identity 'system azure-cli': is given more than once; give it once" },
        { Account + " --listen 11000", "--listen '11000': write it as http://127.0.0.1:PORT" },
        { Account + " --listen http://127.0.0.1", "--listen 'http://127.0.0.1': add the port" },
        { Account + " --listen http://myhost:1", "--listen 'http://myhost:1': a host name is not allowed here" },
        { Account + " --listen http://0.0.0.0:11000", "--listen 'http://0.0.0.0:11000': not a loopback address" },
        { Account + " --admin http://0.0.0.0:11080", "--admin 'http://0.0.0.0:11080': not a loopback address, which the admin listener needs; use 127.0.0.1" },
        { Account + " --listen http://127.0.0.1:7 --admin http://127.0.0.1:7", "--admin 'http://127.0.0.1:7': is also the address of --listen; give each its own port" },
        { Account + " --host *.local", "--host '*.local': write one host name as callers send it" },
        { Account + " --metadata-endpoint https://169.254.169.254", "--metadata-endpoint 'https://169.254.169.254': give only the base address" },
        { Account + " --upstream-ca /nowhere/ca.pem", "--upstream-ca '/nowhere/ca.pem': cannot be read" },
        { Account + " --drain-max soon", "--drain-max 'soon': write a duration from 0ms to 24h" },
        { Account + " --log-level loud", "--log-level 'loud': write trace, debug, information, warning or error" },
        { Account + " --config /nowhere/settings.json", "--config '/nowhere/settings.json': cannot be read" },
        { Account + " --config", "--config: Required argument missing for option: '--config'." },
        { Account + " --colour", "--colour: unknown option; --help lists all options" },
        { Account + " films", "command line: unexpected argument; --help shows the options and their values" },
        { Account + " --exit-with-stdin=perhaps", "command line: unexpected argument; --help shows the options and their values" },
        { Account + " --listen", "--listen: Required argument missing for option: '--listen'." },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Fault_is_one_line_on_standard_error_and_exit_code_2(string arguments, string line)
    {
        var faults = await FaultsOf(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Contains(line, Assert.Single(faults.Distinct()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_faults_from_all_sources_are_reported_at_once()
    {
        using var directory = new TemporaryDirectory();
        var file = directory.File("settings.json");
        await System.IO.File.WriteAllTextAsync(file, """{ "Accounts": { "photos": { "Endpoit": "https://x" } }, "Listne": "x" }""", TestContext.Current.CancellationToken);
        var faults = await FaultsOf(
            ["--config", file, "--identity", "somebody", "--log-level", "loud"],
            new() { ["TOKENBROKER__DrainMax"] = "soon", ["TOKENBROKER__Nonsense__Deep"] = "1" });

        string[] beginnings =
        [
            "tokenbroker: --identity 'somebody': ", "tokenbroker: --log-level 'loud': ", "tokenbroker: TOKENBROKER__DrainMax 'soon': ",
            "tokenbroker: TOKENBROKER__Nonsense__Deep: no such setting",
            $"tokenbroker: {file}: Accounts:photos:Endpoit: no such setting; did you mean Accounts:photos:Endpoint?",
            $"tokenbroker: {file}: Listne: no such setting; did you mean Listen?",
        ];
        Assert.Equal(beginnings.Length, faults.Count);
        Assert.All(beginnings, beginning => Assert.Single(faults, fault => fault.StartsWith(beginning, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("[]", "the file must contain one JSON object")]
    [InlineData("{\n  \"Listen\": \n", "not valid JSON (line 3): ")]
    [InlineData("{ \"Listen\": \"http://127.0.0.1:0\", \"Listen\": \"http://127.0.0.1:0\" }", "not valid JSON: Duplicate property 'Listen'")]
    public async Task Malformed_file_is_one_line(string content, string cure)
    {
        using var directory = new TemporaryDirectory();
        var file = directory.File("settings.json");
        await System.IO.File.WriteAllTextAsync(file, content, TestContext.Current.CancellationToken);
        var faults = await FaultsOf(["--account", "photos", "--config", file]);

        Assert.StartsWith($"tokenbroker: --config '{file}': {cure}", Assert.Single(faults), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Key_or_signature_in_the_wrong_place_is_not_repeated()
    {
        const string secret = "c2VjcmV0LWtleS10aGF0LW9wZW5zLWl0LWFsbA==";
        var connection = $"AccountName=photos;AccountKey={secret};SharedAccessSignature=sv=2023-11-03&sig={secret}";
        var faults = await FaultsOf(
            ["--account", "photos", connection, $"--key={secret}", "--identity", connection, "--listen", $"http://user:{secret}@127.0.0.1:0", "--admin", $"http://127.0.0.1:0/?sig={secret}"],
            new() { ["TOKENBROKER__AccountKey"] = secret, ["TOKENBROKER__LogLevel"] = connection });

        Assert.True(faults.Count >= 6, string.Join('\n', faults));
        Assert.Empty(new OutputSearch().Add("secret", secret).In(string.Join('\n', faults), "standard error"));
    }

    private static async Task<List<string>> FaultsOf(string[] arguments, Dictionary<string, string>? variables = null)
    {
        var result = await ProcessRun.CompleteAsync(SidecarBinary.Spec(arguments).With(variables ?? []));

        Assert.Equal(2, result.ExitCode);
        Assert.Equal("", result.StandardOutput);
        var lines = result.Output.Split('\n').ToList();
        Assert.All(lines, line => Assert.StartsWith("tokenbroker: ", line, StringComparison.Ordinal));
        return lines;
    }
}
