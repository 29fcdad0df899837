using System.Buffers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using TokenBroker.TestSupport.Network;

namespace TokenBroker.EndToEnd.Telemetry;

/// <summary>
/// The least that a process in the sidecar's place costs: the same server takes the client's bytes and hands them on over
/// TLS without a look, and back. What a request loses here it loses to sockets, encryption and threads that are woken,
/// whatever the one in the middle does.
/// </summary>
internal static class BareRelay
{
    public static Task<LoopbackServer> StartAsync(Uri storage, Certificates certificates) =>
        LoopbackServer.StartBareAsync(client => RelayAsync(client, storage, certificates));

    /// <summary>One request after the other, each of one piece, as is each answer.</summary>
    private static async Task RelayAsync(ConnectionContext client, Uri storage, Certificates certificates)
    {
        using var connection = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await connection.ConnectAsync(storage.Host, storage.Port);
        await using var tls = new SslStream(new NetworkStream(connection), leaveInnerStreamOpen: false,
            (_, certificate, _, _) => certificates.Vouches((X509Certificate2)certificate!));
        await tls.AuthenticateAsClientAsync(storage.Host);
        while (await client.Transport.Input.ReadAsync() is { IsCompleted: false } asked)
        {
            await tls.WriteAsync(asked.Buffer.ToArray());
            client.Transport.Input.AdvanceTo(asked.Buffer.End);
            client.Transport.Output.Advance(await tls.ReadAsync(client.Transport.Output.GetMemory()));
            await client.Transport.Output.FlushAsync();
        }
    }
}
