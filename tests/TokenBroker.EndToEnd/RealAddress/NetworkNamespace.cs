using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using TokenBroker.TestSupport.Processes;
using Xunit;

namespace TokenBroker.EndToEnd.RealAddress;

/// <summary>
/// A network of its own on this machine: it has a loopback and the addresses that it is given, and no way out. Gone with
/// the test. Nothing that is sent to an address in it can leave it.
/// </summary>
internal sealed class NetworkNamespace : IAsyncDisposable
{
    private const int NewNetwork = 0x40000000; // CLONE_NEWNET

    // Short: some systems bound it. No two alike, so that tests can run side by side.
    private readonly string _name = $"tb-{Guid.NewGuid():N}"[..15];

    private NetworkNamespace()
    {
    }

    public static async Task<NetworkNamespace> CreateAsync(IPAddress address)
    {
        var network = new NetworkNamespace();
        await IpAsync("netns", "add", network._name);
        try
        {
            await IpAsync("-n", network._name, "link", "set", "lo", "up");
            await IpAsync("-n", network._name, "addr", "add", $"{address}/32", "dev", "lo");
            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    /// <summary>The same program, started within.</summary>
    public ProcessSpec Within(ProcessSpec spec) => spec with { File = "ip", Arguments = ["netns", "exec", _name, spec.File, .. spec.Arguments] };

    /// <summary>A socket belongs to the network in which it was made: this one listens within, for a server of this process.</summary>
    public Socket Listen(EndPoint address) => Inside(() =>
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(address);
        return socket;
    });

    /// <summary>The same for datagrams.</summary>
    public UdpClient ListenForDatagrams(IPEndPoint address) => Inside(() => new UdpClient(address));

    /// <summary>A client of this process whose connections are within.</summary>
    public HttpClient CreateClient() => new(new SocketsHttpHandler
    {
        UseProxy = false,
        ConnectCallback = (context, _) => new ValueTask<Stream>(Inside(() =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            socket.Connect(context.DnsEndPoint);
            return new NetworkStream(socket, ownsSocket: true);
        })),
    });

    public async ValueTask DisposeAsync() => await IpAsync("netns", "delete", _name);

    // A thread is in one network at a time: one of its own goes in, and ends there.
    private T Inside<T>(Func<T> make)
    {
        var result = new TaskCompletionSource<T>();
        var thread = new Thread(() =>
        {
            try
            {
                using var network = File.OpenHandle($"/run/netns/{_name}");
                if (SetNamespace(network.DangerousGetHandle().ToInt32(), NewNetwork) != 0)
                    throw new InvalidOperationException($"setns: {Marshal.GetLastPInvokeErrorMessage()}");
                result.SetResult(make());
            }
            catch (Exception fault)
            {
                result.SetException(fault);
            }
        });
        thread.Start();
        thread.Join();
        return result.Task.GetAwaiter().GetResult();
    }

    private static async Task IpAsync(params string[] arguments)
    {
        var run = await ProcessRun.CompleteAsync(new ProcessSpec("ip", arguments));
        Assert.True(run.ExitCode == 0, $"ip {string.Join(' ', arguments)}: {run.Output}");
    }

    [DllImport("libc", EntryPoint = "setns", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetNamespace(int descriptor, int kind);
}
