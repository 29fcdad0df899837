using System.Globalization;
using System.Net;
using System.Net.Sockets;
using TokenBroker.Configuration;
using TokenBroker.Tokens.Answers;

namespace TokenBroker.Tokens.Sources;

/// <summary>
/// The instance metadata endpoint's tokens: one HTTP request per attempt, without web proxy, redirects or retries, and
/// with the real status, error code and Retry-After in the answer. Microsoft's library loses these, and makes every
/// identity of the process wait for one that hangs. So this is our own source.
/// </summary>
internal sealed class ImdsTokenSource : ITokenSource
{
    public static readonly Uri DefaultEndpoint = new("http://169.254.169.254");

    /// <summary>An answer has a few kilobytes; a longer one is not a token.</summary>
    private const int MaxAnswerBytes = 64 * 1024;

    /// <summary>
    /// The endpoint is on the host or next to it: a connection takes milliseconds. If it takes longer than this, there is
    /// no endpoint, so the long timeout of a slow endpoint does not apply.
    /// </summary>
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    private readonly HttpMessageInvoker _http;
    private readonly TimeProvider _time;
    private readonly Uri _request;

    public ImdsTokenSource(
        HttpMessageInvoker http, Uri endpoint, IdentitySelector identity, string resource, TimeSpan attemptTimeout, TimeProvider time)
    {
        (_http, AttemptTimeout, _time) = (http, attemptTimeout, time);
        var selector = identity.Kind switch
        {
            IdentityKind.ClientId => "&client_id=" + Uri.EscapeDataString(identity.Value!),
            IdentityKind.ObjectId => "&object_id=" + Uri.EscapeDataString(identity.Value!),
            IdentityKind.ResourceId => "&msi_res_id=" + Uri.EscapeDataString(identity.Value!),
            _ => "",
        };
        _request = new Uri(endpoint,
            $"/metadata/identity/oauth2/token?api-version=2018-02-01&resource={Uri.EscapeDataString(resource)}{selector}");
    }

    public string Name => "imds";

    public TimeSpan AttemptTimeout { get; }

    /// <summary>
    /// A client for metadata requests, shared by all sources of a process. Each request has its own connection: on a reused
    /// connection, the client itself would send a request again after a failure.
    /// </summary>
    /// <param name="around">A further handler that reads the answers.</param>
    public static HttpMessageInvoker CreateClient(Func<HttpMessageHandler, HttpMessageHandler>? around = null)
    {
        var handler = CreateHandler();
        return new(around?.Invoke(handler) ?? handler);
    }

    private static SocketsHttpHandler CreateHandler() => new()
    {
        UseProxy = false, // "not intended to be used behind a proxy", says the endpoint's documentation
        AllowAutoRedirect = false,
        ConnectTimeout = ConnectTimeout,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        PooledConnectionLifetime = TimeSpan.Zero,
        ActivityHeadersPropagator = null,
        MaxResponseHeadersLength = 16,
    };

    public async ValueTask<TokenAnswer> RequestAsync(TimeSpan limit, CancellationToken stopping)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _request);
        request.Headers.TryAddWithoutValidation("Metadata", "true");
        var askedOn = _time.GetUtcNow();
        using var ended = new CancellationTokenSource(limit, _time);
        using var attempt = CancellationTokenSource.CreateLinkedTokenSource(ended.Token, stopping);
        try
        {
            using var response = await _http.SendAsync(request, attempt.Token);
            if (response.StatusCode != HttpStatusCode.OK)
                return ReadError(response, await ErrorBody.ReadCodeAsync(response.Content, attempt.Token));
            return await ReadBoundedAsync(response.Content, attempt.Token) is { } body
                ? TokenAnswerReader.Read(body, askedOn, _time)
                : TokenAnswer.Of(TokenFailureReason.InvalidAnswer, "the answer is too long to be a token");
        }
        catch (OperationCanceledException error) when (!stopping.IsCancellationRequested)
        {
            var detail = error.InnerException is TimeoutException
                ? string.Create(CultureInfo.InvariantCulture, $"no connection within {ConnectTimeout.TotalSeconds} s")
                : string.Create(CultureInfo.InvariantCulture, $"no answer within {limit.TotalSeconds:0.#} s");
            return TokenAnswer.Of(TokenFailureReason.TimedOut, detail);
        }
        catch (HttpRequestException error)
        {
            return ReadTransportError(error);
        }
        catch (IOException)
        {
            return TokenAnswer.Of(TokenFailureReason.Unreachable, "the connection was lost in the middle of the answer");
        }
    }

    private static async Task<ReadOnlyMemory<byte>?> ReadBoundedAsync(HttpContent content, CancellationToken attempt)
    {
        await using var stream = await content.ReadAsStreamAsync(attempt);
        var buffer = new byte[MaxAnswerBytes];
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, attempt);
        return length == buffer.Length ? null : buffer.AsMemory(0, length);
    }

    private TokenAnswer ReadError(HttpResponseMessage response, string? code)
    {
        var status = (int)response.StatusCode;
        var reason = status switch
        {
            400 when code == "invalid_request" => TokenFailureReason.IdentityNotAssigned,
            404 or 410 => TokenFailureReason.Updating,
            429 => TokenFailureReason.Throttled,
            408 => TokenFailureReason.TimedOut,
            >= 500 => TokenFailureReason.EndpointFailing,
            >= 400 => TokenFailureReason.Refused,
            _ => TokenFailureReason.InvalidAnswer,
        };
        var detail = code is null ? $"status {status}" : $"status {status} {code}";
        return new(null, new TokenFailure(reason, detail, RetryAfterHeader.Read(response, _time)) { IsBackSoon = status == 410 });
    }

    private static TokenAnswer ReadTransportError(HttpRequestException error)
    {
        for (Exception? inner = error; inner is not null; inner = inner.InnerException)
        {
            if (inner is SocketException { SocketErrorCode: SocketError.TooManyOpenSockets } full)
                return TokenAnswer.Of(TokenFailureReason.DescriptorsExhausted, full.SocketErrorCode.ToString());
            if (inner is SocketException
                {
                    SocketErrorCode: SocketError.ConnectionRefused or SocketError.HostUnreachable or SocketError.NetworkUnreachable
                        or SocketError.HostNotFound or SocketError.AddressNotAvailable or SocketError.NetworkDown or SocketError.HostDown
                } socket)
                return TokenAnswer.Of(TokenFailureReason.NoIdentityOnHost, socket.SocketErrorCode.ToString());
        }

        return TokenAnswer.Of(TokenFailureReason.Unreachable, error.HttpRequestError.ToString());
    }
}
