using Microsoft.AspNetCore.Http;
using TokenBroker.Configuration;
using TokenBroker.Limits;

namespace TokenBroker.Proxy.Bodies;

/// <summary>
/// Buffers a body that must be complete before it is sent: up to its own limit, within the budget for all such bodies, and
/// as long as the client keeps sending.
/// </summary>
internal sealed class BodyGathering(BrokerOptions options, BufferedBytes buffered, TimeProvider time)
{
    /// <param name="context">The request. The body's share of the budget is released when the request ends.</param>
    /// <param name="account">The account whose share of the budget it uses.</param>
    /// <param name="max">The maximum number of bytes that are read.</param>
    /// <param name="tooLong">The refusal if the body is longer.</param>
    /// <exception cref="IOException">The body ended early.</exception>
    /// <exception cref="OperationCanceledException">The client is gone.</exception>
    public async Task<(Gathered? Body, Refusal? Refusal)> ReadAsync(HttpContext context, string account, int max, Refusal tooLong)
    {
        var reservation = buffered.Begin(account);
        context.Response.RegisterForDispose(reservation);
        var body = new GatheredBody();
        var refusal = await FillAsync(context, body, reservation, max, tooLong);
        if (refusal is null)
            return (new(body, reservation), null);
        reservation.Dispose(); // the client may read the refusal slowly
        return (null, refusal);
    }

    private async Task<Refusal?> FillAsync(HttpContext context, GatheredBody body, BufferedBytes.Reservation reservation, int max, Refusal tooLong)
    {
        using var silence = new CancellationTokenSource(options.Upstream.ActivityTimeout, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, context.RequestAborted);
        try
        {
            while (true)
            {
                if (body.Room.IsEmpty)
                {
                    var size = body.NextPiece(max == int.MaxValue ? max : max + 1 - body.Length);
                    if (!reservation.TryGrow(size))
                        return Refusal.BuffersFull;
                    body.AddPiece(size);
                }

                var count = await context.Request.Body.ReadAsync(body.Room, end.Token);
                if (count == 0)
                    return null;
                body.Advance(count);
                if (body.Length > max)
                    return tooLong;
                silence.CancelAfter(options.Upstream.ActivityTimeout);
            }
        }
        catch (OperationCanceledException) when (silence.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
        {
            return Refusal.BodyTimeout;
        }
    }
}

/// <summary>A buffered body and its share of the budget.</summary>
internal sealed record Gathered(GatheredBody Body, BufferedBytes.Reservation Reservation);
