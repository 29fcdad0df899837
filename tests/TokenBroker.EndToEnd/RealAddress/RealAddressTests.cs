using System.Net;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Processes;
using TokenBroker.TestSupport.Requirements;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.EndToEnd.RealAddress;

/// <summary>The metadata endpoint at the address that it has on every Azure host, in a network that ends at this machine.</summary>
[Requires(Capability.NetworkNamespaces, PythonModules = ["msrestazure"])]
public class RealAddressTests
{
    private const string AskAsAzuresLibrary = """
        from msrestazure.azure_active_directory import MSIAuthentication
        credentials = MSIAuthentication(resource='https://storage.azure.com')
        credentials.set_token()
        print('token ' + credentials.token['access_token'])
        """;

    [Fact]
    public async Task Azures_own_library_and_the_sidecar_without_any_setting_get_their_tokens_at_the_real_address()
    {
        await using var network = await NetworkNamespace.CreateAsync(MetadataProcess.Address);
        await using var emulator = ProcessRun.Start(network.Within(MetadataProcess.Spec()));
        await emulator.LineAsync(MetadataProcess.Listening, RunningSidecar.Limit);
        var control = new Uri((await emulator.LineAsync(@"control on (http://\S+)", RunningSidecar.Limit)).Groups[1].Value);
        using var directory = new TemporaryDirectory();
        await using var storage = await StrictStorage.StartAsync(new() { CreateListenSocket = network.Listen });
        await using var sidecar = await RunningSidecar.StartAsync(network.Within(SidecarBinary.Spec(new SidecarSettings
        {
            Accounts = [("acct", storage.EndpointOf("acct"))],
            UpstreamCa = storage.Certificates!.WriteTo(directory.Path).Authority,
        }.ToArguments())));

        var library = await ProcessRun.CompleteAsync(network.Within(new ProcessSpec(PythonInterpreter.File, "-c", AskAsAzuresLibrary)));
        using var client = network.CreateClient();
        using var request = Http.Get(sidecar.At("acct/c/pattern-12345"));
        using var answer = await client.SendAsync(request);

        Assert.True(library.ExitCode == 0, library.Output);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{answer}\n{sidecar.Run.Output}");
        Assert.Equal(12345, (await answer.Content.ReadAsByteArrayAsync()).Length);
        var issued = await client.GetStringAsync(new Uri(control, "/tokens"));
        Assert.Contains(Assert.Single(storage.Requests.All).Bearer!, issued, StringComparison.Ordinal);
        Assert.Contains(library.StandardOutput.Trim()["token ".Length..], issued, StringComparison.Ordinal);
        Assert.Contains("as system from imds (nothing in the environment names another source)", sidecar.Run.Output, StringComparison.Ordinal);
    }
}
