using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace TokenBroker.TestSupport.Network;

/// <summary>
/// A client that sends exactly the bytes it is given, since every HTTP library mends, reorders or refuses what a test of
/// hostile requests must send.
/// </summary>
public sealed class RawConnection : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    private RawConnection(Socket socket, Stream stream) => (_socket, _stream) = (socket, stream);

    /// <summary>Connects to the address of a URL; over TLS if it says https, and then trusts <paramref name="trusted"/> alone.</summary>
    public static async Task<RawConnection> OpenAsync(Uri address, Certificates? trusted = null)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address.DnsSafeHost, address.Port).WaitAsync(Limit);
            var stream = new NetworkStream(socket, ownsSocket: true);
            if (address.Scheme != Uri.UriSchemeHttps)
                return new RawConnection(socket, stream);
            var tls = new SslStream(stream, leaveInnerStreamOpen: false, (_, certificate, _, errors) =>
                (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) == 0
                && certificate is System.Security.Cryptography.X509Certificates.X509Certificate2 peer
                && trusted is not null && trusted.Vouches(peer));
            await tls.AuthenticateAsClientAsync(address.DnsSafeHost).WaitAsync(Limit);
            return new RawConnection(socket, tls);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>One request on a connection of its own.</summary>
    public static async Task<RawResponse> ExchangeAsync(Uri address, string request, Certificates? trusted = null)
    {
        await using var connection = await OpenAsync(address, trusted);
        await connection.SendAsync(request);
        return await connection.ReadResponseAsync(toHead: request.StartsWith("HEAD ", StringComparison.Ordinal));
    }

    /// <summary>Sends text, one byte per character (Latin-1). Line ends are the caller's: write <c>\r\n</c>.</summary>
    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        await _stream.WriteAsync(bytes).AsTask().WaitAsync(Limit);
        await _stream.FlushAsync();
    }

    /// <summary>Says that no more will be sent, and keeps reading. Over TLS this closes the connection's sending half without notice.</summary>
    public void FinishSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>The same as a well-behaved client does it: over TLS the peer is told first.</summary>
    public async Task FinishSendingAsync()
    {
        if (_stream is SslStream tls)
            await tls.ShutdownAsync().WaitAsync(Limit);
        FinishSending();
    }

    /// <summary>Resets the connection, as a client does that dies.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Close();
    }

    /// <summary>The next response; a 100 Continue is one of its own. A response to HEAD has no body whatever its headers say.</summary>
    public async Task<RawResponse> ReadResponseAsync(bool toHead = false)
    {
        var statusLine = await LineAsync();
        var headers = new List<KeyValuePair<string, string>>();
        while (await LineAsync() is { Length: > 0 } line)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            headers.Add(new(line[..colon], line[(colon + 1)..].Trim()));
        }
        var response = new RawResponse(statusLine, headers, []);
        return toHead || response.Status is < 200 or 204 or 304 ? response : response with { Body = await BodyAsync(response) };
    }

    /// <summary>True if the peer closes the connection without sending anything further.</summary>
    public async Task<bool> IsClosedByPeerAsync()
    {
        try
        {
            return !await FillAsync();
        }
        catch (IOException)
        {
            return true;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _socket.Dispose();
    }

    private async Task<byte[]> BodyAsync(RawResponse response)
    {
        using var body = new MemoryStream();
        if (response.Header("Transfer-Encoding") is { } encoding && encoding.Contains("chunked", StringComparison.OrdinalIgnoreCase))
        {
            while (int.Parse((await LineAsync()).Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture) is > 0 and var size)
            {
                await CopyAsync(body, size);
                await LineAsync();
            }
            while (await LineAsync() is { Length: > 0 })
            {
                // trailers
            }
        }
        else if (response.Header("Content-Length") is { } length)
            await CopyAsync(body, long.Parse(length, CultureInfo.InvariantCulture));
        else
            while (_start < _end || await FillAsync())
                Take(body, _end - _start);
        return body.ToArray();
    }

    private async Task CopyAsync(MemoryStream body, long count)
    {
        while (count > 0)
        {
            if (_start == _end && !await FillAsync())
                throw new EndOfStreamException($"The connection ended {count} bytes before the end of the body.");
            count -= Take(body, count);
        }
    }

    private int Take(MemoryStream body, long most)
    {
        var count = (int)Math.Min(most, _end - _start);
        body.Write(_buffer, _start, count);
        _start += count;
        return count;
    }

    private async Task<string> LineAsync()
    {
        var line = new StringBuilder();
        while (true)
        {
            if (_start == _end && !await FillAsync())
                throw new EndOfStreamException($"The connection ended in the middle of a line: '{line}'.");
            var next = (char)_buffer[_start++];
            if (next == '\n')
                return line.ToString().TrimEnd('\r');
            line.Append(next);
        }
    }

    private async Task<bool> FillAsync()
    {
        _start = 0;
        _end = await _stream.ReadAsync(_buffer).AsTask().WaitAsync(Limit);
        return _end > 0;
    }
}
