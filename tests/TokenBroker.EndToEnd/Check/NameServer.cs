using System.Net;
using System.Net.Sockets;
using TokenBroker.EndToEnd.RealAddress;

namespace TokenBroker.EndToEnd.Check;

/// <summary>A DNS server in a network of its own that knows no name at all: to every question it says that there is no such name.</summary>
internal sealed class NameServer : IAsyncDisposable
{
    private const int NoSuchName = 3;

    private readonly UdpClient _socket;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    public NameServer(NetworkNamespace network, IPAddress address)
    {
        _socket = network.ListenForDatagrams(new(address, 53));
        _loop = AnswerAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _socket.Dispose();
        _stop.Dispose();
    }

    private async Task AnswerAsync()
    {
        try
        {
            while (true)
            {
                var asked = await _socket.ReceiveAsync(_stop.Token);
                var end = 12;
                while (asked.Buffer[end] != 0)
                    end += asked.Buffer[end] + 1;
                var answer = asked.Buffer[..(end + 5)]; // the header and the question, without what stands behind it
                (answer[2], answer[3]) = (0x81, 0x80 | NoSuchName);
                answer.AsSpan(6, 6).Clear();
                await _socket.SendAsync(answer, asked.RemoteEndPoint, _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }
}
