using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using TokenBroker.EndToEnd.RealAddress;

namespace TokenBroker.EndToEnd.Check;

/// <summary>A DNS server in a network of its own. It knows the names that it is told; of every other it says that there is no such name.</summary>
internal sealed class NameServer : IAsyncDisposable
{
    private const int ServerFailure = 2;
    private const int NoSuchName = 3;
    private const int AddressRecord = 1;

    private readonly UdpClient _socket;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<string> _questions = [];
    private readonly Task _loop;
    private volatile bool _isFailing;

    public NameServer(NetworkNamespace network, IPAddress address)
    {
        _socket = network.ListenForDatagrams(new(address, 53));
        _loop = ReceiveAsync();
    }

    /// <summary>IPv4 addresses by name.</summary>
    public ConcurrentDictionary<string, IPAddress> Known { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>How long each answer takes. Questions do not wait for each other.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Answers every question with SERVFAIL.</summary>
    public bool IsFailing
    {
        get => _isFailing;
        set => _isFailing = value;
    }

    /// <summary>The names in the questions for IPv4 addresses, in their order.</summary>
    public IReadOnlyCollection<string> Questions => _questions;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _socket.Dispose();
        _stop.Dispose();
    }

    private async Task ReceiveAsync()
    {
        var answers = new ConcurrentDictionary<Task, byte>();
        try
        {
            while (true)
            {
                var asked = await _socket.ReceiveAsync(_stop.Token);
                answers.TryAdd(AnswerAsync(asked), 0);
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(answers.Keys).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task AnswerAsync(UdpReceiveResult asked)
    {
        var name = new StringBuilder();
        var end = 12;
        for (; asked.Buffer[end] != 0; end += asked.Buffer[end] + 1)
            name.Append(name.Length > 0 ? "." : "").Append(Encoding.ASCII.GetString(asked.Buffer, end + 1, asked.Buffer[end]));
        var wantsAddress = BinaryPrimitives.ReadUInt16BigEndian(asked.Buffer.AsSpan(end + 1)) == AddressRecord;
        if (wantsAddress)
            _questions.Enqueue(name.ToString());
        await Task.Delay(Delay, _stop.Token);

        var known = Known.GetValueOrDefault(name.ToString());
        var code = IsFailing ? ServerFailure : known is null ? NoSuchName : 0;
        List<byte> answer = [.. asked.Buffer[..(end + 5)]]; // the header and the question, without what follows it
        (answer[2], answer[3]) = (0x81, (byte)(0x80 | code));
        for (var at = 6; at < 12; at++)
            answer[at] = 0;
        if (code == 0 && wantsAddress)
        {
            answer[7] = 1;
            // The question's name, type A, class IN, no time to live, four bytes.
            answer.AddRange([0xC0, 12, 0, AddressRecord, 0, 1, 0, 0, 0, 0, 0, 4, .. known!.GetAddressBytes()]);
        }

        await _socket.SendAsync(answer.ToArray(), asked.RemoteEndPoint, _stop.Token);
    }
}
