using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace TokenBroker.Proxy;

/// <summary>
/// A request's body that knows whether any of it was read: only an untouched one can be sent again, since none is kept.
/// </summary>
internal sealed class WatchedBody(Stream body) : ReadOnlyStream
{
    private bool _wasRead;

    /// <summary>Puts the watch in place; null for a request without a body, which can always be sent again.</summary>
    public static WatchedBody? On(HttpContext context)
    {
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
            return null;
        var watched = new WatchedBody(context.Request.Body);
        context.Request.Body = watched;
        return watched;
    }

    public bool IsUntouched => !Volatile.Read(ref _wasRead);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Volatile.Write(ref _wasRead, true);
        return body.ReadAsync(buffer, cancellationToken);
    }
}
