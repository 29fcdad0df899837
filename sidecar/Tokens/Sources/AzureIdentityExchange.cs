using System.Net;

namespace TokenBroker.Tokens.Sources;

/// <summary>
/// Observes the requests of one attempt. The library handles the identities of a process one after the other, so an
/// attempt's timeout starts here, when its first request is sent, and not while it waits for another identity. The library
/// also reports few statuses and no Retry-After, so both are read from the last answer.
/// </summary>
internal sealed class AzureIdentityExchange : DelegatingHandler
{
    private readonly TimeProvider _time;
    private CancellationTokenSource? _limit;
    private TimeSpan _allowed;

    private AzureIdentityExchange(HttpMessageHandler inner, TimeProvider time)
        : base(inner) => _time = time;

    /// <summary>True once the attempt's first request was sent.</summary>
    public bool WasSent => Volatile.Read(ref _limit) is null;

    /// <summary>The status of the attempt's last answer; null if none came to its last request.</summary>
    public HttpStatusCode? Status { get; private set; }

    /// <summary>The wait that the last answer asked for.</summary>
    public TimeSpan? RetryAfter { get; private set; }

    /// <param name="viaWebProxy">Whether a web proxy may be used: never for an endpoint on the host itself.</param>
    /// <param name="time">The clocks.</param>
    public static AzureIdentityExchange Create(bool viaWebProxy, TimeProvider time) => new(
        new QuietErrors(new SocketsHttpHandler
        {
            UseProxy = viaWebProxy,
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(10),
            ActivityHeadersPropagator = null,
        }),
        time);

    /// <summary>Begins an attempt. There is only one at a time.</summary>
    /// <param name="limit">Ends the attempt: its timeout starts when the first request is sent.</param>
    /// <param name="allowed">Time for the attempt, from its first request on.</param>
    public void Begin(CancellationTokenSource limit, TimeSpan allowed)
    {
        (Status, RetryAfter, _allowed) = (null, null, allowed);
        Volatile.Write(ref _limit, limit);
    }

    /// <summary>Ends the attempt: later requests of the library do not belong to it.</summary>
    public void End() => Volatile.Write(ref _limit, null);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Interlocked.Exchange(ref _limit, null)?.CancelAfter(_allowed);
        (Status, RetryAfter) = (null, null);
        var response = await base.SendAsync(request, cancellationToken);
        (Status, RetryAfter) = (response.StatusCode, RetryAfterHeader.Read(response, _time));
        return response;
    }
}
