using System.Net;
using System.Net.Sockets;
using TokenBroker.EndToEnd.Environments;
using TokenBroker.Local;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Processes;

namespace TokenBroker.EndToEnd.Sidecars;

/// <summary>One run of the built sidecar, on ports that the system chose. Ends with the test.</summary>
internal sealed class RunningSidecar : IAsyncDisposable
{
    /// <summary>As long as a busy machine may take to start a process, or to end one.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private RunningSidecar(ProcessRun run) => Run = run;

    public ProcessRun Run { get; }

    /// <summary>Where clients connect, without an account.</summary>
    public Uri Address { get; private set; } = null!;

    public Uri Admin { get; private set; } = null!;

    /// <summary>Returns once it listens; whether it has a token then is another question.</summary>
    public static async Task<RunningSidecar> StartAsync(SidecarSettings settings)
    {
        var spec = SidecarBinary.Spec(settings.ToArguments()).With(settings.Environment);
        spec = spec with { WorkingDirectory = settings.WorkingDirectory ?? spec.WorkingDirectory };
        return await StartAsync(settings.Wrap?.Invoke(spec) ?? spec);
    }

    public static async Task<RunningSidecar> StartAsync(ProcessSpec spec)
    {
        var sidecar = new RunningSidecar(ProcessRun.Start(spec));
        try
        {
            var started = await sidecar.Run.LineAsync(@"is ready: data (https?://\S+) admin (http://\S+) ", Limit);
            (sidecar.Address, sidecar.Admin) = (new Uri(started.Groups[1].Value), new Uri(started.Groups[2].Value));
            return sidecar;
        }
        catch
        {
            await sidecar.DisposeAsync();
            throw;
        }
    }

    /// <summary>A blob, container or the account itself at the sidecar.</summary>
    public Uri At(string path) => new(Address, path);

    /// <summary>The connection string of an unmodified client. Its key opens nothing.</summary>
    public string ConnectionString(string account = "acct") =>
        $"DefaultEndpointsProtocol=http;AccountName={account};AccountKey={LocalEnvironment.DummyKey};BlobEndpoint={At(account)};";

    public async Task UntilReadyAsync()
    {
        using var http = Http.CreateClient();
        await Wait.UntilAsync(async () =>
        {
            using var answer = await http.GetAsync(new Uri(Admin, "/health/ready"));
            return answer.StatusCode == HttpStatusCode.OK;
        }, Limit, "the sidecar is ready");
    }

    /// <summary>Returns once it accepts no more connections.</summary>
    public Task UntilRefusedAsync() => Wait.UntilAsync(async () =>
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(Address.Host, Address.Port);
            return false;
        }
        catch (SocketException refused) when (refused.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return true;
        }
        catch (SocketException reset) when (reset.SocketErrorCode == SocketError.ConnectionReset)
        {
            return false; // it was still in the queue when the listener closed
        }
    }, Limit, "new connections are refused");

    /// <summary>Asks it to stop, as a service manager does, and gives its exit code.</summary>
    public async Task<int> StopAsync()
    {
        await Signals.SendAsync(Run.Id, Signals.Terminate);
        return await Run.ExitAsync(Limit);
    }

    public ValueTask DisposeAsync() => Run.DisposeAsync();
}
