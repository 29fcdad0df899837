using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using TokenBroker.Tests.Tokens.Simulation;
using TokenBroker.TestSupport.Network;
using TokenBroker.Upstream;
using Xunit;

namespace TokenBroker.Tests.Upstream;

public class UpstreamConnectionTests
{
    private static readonly byte[] Request = "GET /acct/c/b HTTP/1.1\r\n\r\n"u8.ToArray();

    public enum Loss
    {
        /// <summary>In order: FIN, after close_notify where there is TLS.</summary>
        Close,

        /// <summary>FIN alone, without close_notify.</summary>
        CutOff,

        Reset,
    }

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(Loss.Close, false)]
    [InlineData(Loss.Reset, false)]
    [InlineData(Loss.Close, true)]
    [InlineData(Loss.CutOff, true)]
    [InlineData(Loss.Reset, true)]
    public async Task Connection_that_is_lost_after_the_request_was_written_is_reported_with_whether_it_was_kept(Loss loss, bool isTls)
    {
        foreach (var isKept in new[] { true, false })
        {
            await using var pair = await Pair.OpenAsync(isTls);
            if (isKept)
                await pair.ExchangeAsync();
            await pair.Connection.WriteAsync(Request);
            await pair.ReceiveAsync();

            await pair.LoseAsync(loss);

            var lost = await Assert.ThrowsAsync<LostConnectionException>(async () => await pair.ReadAsync());
            Assert.Equal(isKept, lost.WasKept);
            Assert.Equal(loss == Loss.Reset ? HttpRequestError.Unknown : HttpRequestError.ResponseEnded, lost.HttpRequestError);
            Assert.Equal(isKept, LostConnectionException.IsOfKept(new HttpRequestException("wrapped", lost)));
        }
    }

    [Theory]
    [InlineData(Loss.Close, false)]
    [InlineData(Loss.Reset, false)]
    [InlineData(Loss.Close, true)]
    [InlineData(Loss.CutOff, true)]
    [InlineData(Loss.Reset, true)]
    public async Task Connection_that_was_lost_before_the_request_is_written_is_reported_by_the_write(Loss loss, bool isTls)
    {
        await using var pair = await Pair.OpenAsync(isTls);
        await pair.ExchangeAsync();
        var ahead = pair.ReadAsync(); // as HttpClient does when it takes a connection from its pool

        await pair.LoseAsync(loss);

        if (loss == Loss.Reset)
            Assert.IsNotType<LostConnectionException>(await Assert.ThrowsAnyAsync<IOException>(() => ahead));
        else
            Assert.Equal(0, await ahead); // an idle connection may end
        var lost = await Assert.ThrowsAsync<LostConnectionException>(async () => await pair.Connection.WriteAsync(Request));
        Assert.True(lost.WasKept);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Connection_that_was_idle_before_its_first_request_counts_as_kept(bool isIdle)
    {
        await using var pair = await Pair.OpenAsync(isTls: false);
        var ahead = isIdle ? pair.ReadAsync() : null;
        await pair.Connection.WriteAsync(Request);
        await pair.ReceiveAsync();

        await pair.LoseAsync(Loss.Close);

        var lost = await Assert.ThrowsAsync<LostConnectionException>(() => ahead ?? pair.ReadAsync());
        Assert.Equal(isIdle, lost.WasKept);
    }

    [Theory]
    [InlineData(Loss.Close)]
    [InlineData(Loss.Reset)]
    public async Task Connection_that_ends_within_an_answer_is_not_a_lost_one(Loss loss)
    {
        await using var pair = await Pair.OpenAsync(isTls: false);
        await pair.ExchangeAsync();
        await pair.ExchangeAsync();

        await pair.LoseAsync(loss);

        if (loss == Loss.Close)
            Assert.Equal(0, await pair.ReadAsync());
        else
            Assert.IsNotType<LostConnectionException>(await Assert.ThrowsAnyAsync<IOException>(() => pair.ReadAsync()));
    }

    [Fact]
    public async Task Body_that_is_written_after_an_answer_makes_no_further_answer_due()
    {
        await using var pair = await Pair.OpenAsync(isTls: false);
        await pair.ExchangeAsync();
        await pair.Connection.WriteAsync("the rest of a body"u8.ToArray());

        await pair.LoseAsync(Loss.Close);

        Assert.Equal(0, await pair.ReadAsync());
    }

    /// <summary>A connection to storage, and storage's end of it.</summary>
    private sealed class Pair : IAsyncDisposable
    {
        private readonly byte[] _buffer = new byte[1024];
        private readonly byte[] _theirs = new byte[1024];
        private readonly Meters _meters = new();
        private readonly Socket _storage;
        private readonly Stream _stream;

        private Pair(Socket storage, Stream theirs, Stream ours)
        {
            (_storage, _stream) = (storage, theirs);
            Connection = new(ours, new(_meters), "acct");
        }

        public UpstreamConnection Connection { get; }

        public static async Task<Pair> OpenAsync(bool isTls)
        {
            using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            listener.Listen();
            var client = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await client.ConnectAsync(listener.LocalEndPoint!);
            var storage = await listener.AcceptAsync();
            Stream ours = new NetworkStream(client, ownsSocket: true);
            Stream theirs = new NetworkStream(storage);
            return isTls ? await ShakeHandsAsync(storage, theirs, ours) : new Pair(storage, theirs, ours);
        }

        public Task<int> ReadAsync() => Connection.ReadAsync(_buffer).AsTask().WaitAsync(Limit);

        public Task<int> ReceiveAsync() => _stream.ReadAsync(_theirs).AsTask().WaitAsync(Limit);

        /// <summary>One request and its answer.</summary>
        public async Task ExchangeAsync()
        {
            await Connection.WriteAsync(Request);
            await ReceiveAsync();
            await _stream.WriteAsync("answer"u8.ToArray());
            await ReadAsync();
        }

        public async Task LoseAsync(Loss loss)
        {
            if (loss == Loss.Close && _stream is SslStream tls)
                await tls.ShutdownAsync();
            if (loss == Loss.Reset)
                _storage.Close(0);
            else
                _storage.Shutdown(SocketShutdown.Send);
        }

        public async ValueTask DisposeAsync()
        {
            await Connection.DisposeAsync();
            await _stream.DisposeAsync();
            _storage.Dispose();
            _meters.Dispose();
        }

        private static async Task<Pair> ShakeHandsAsync(Socket storage, Stream theirs, Stream ours)
        {
            using var certificates = Certificates.Create("127.0.0.1");
            var client = new SslStream(ours, leaveInnerStreamOpen: false, (_, certificate, _, _) => certificate is not null);
            var server = new SslStream(theirs);
            await Task.WhenAll(client.AuthenticateAsClientAsync("127.0.0.1"), server.AuthenticateAsServerAsync(certificates.Server));
            return new(storage, server, client);
        }
    }
}
