using Microsoft.AspNetCore.Http;
using TokenBroker.Configuration;
using TokenBroker.Limits;

namespace TokenBroker.Proxy.Bodies;

/// <summary>
/// Reads a body that must be known whole before it is sent: up to its own limit, within the budget for all such bodies, and
/// as long as the client goes on sending.
/// </summary>
internal sealed class BodyGathering(BrokerOptions options, BufferedBytes buffered, TimeProvider time)
{
    /// <param name="context">The request. What the body takes of the budget is given back at its end.</param>
    /// <param name="account">Whose part of the budget it takes.</param>
    /// <param name="max">The most bytes that are read.</param>
    /// <param name="tooLong">The refusal if there are more.</param>
    /// <exception cref="IOException">The body broke off.</exception>
    /// <exception cref="OperationCanceledException">The client is gone.</exception>
    public async Task<(Gathered? Body, Refusal? Refusal)> ReadAsync(HttpContext context, string account, int max, Refusal tooLong)
    {
        var reservation = buffered.Begin(account);
        context.Response.RegisterForDispose(reservation);
        var body = new GatheredBody();
        var refusal = await FillAsync(context, body, reservation, max, tooLong);
        if (refusal is null)
            return (new(body, reservation), null);
        reservation.Dispose(); // a refusal may be read for a while
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

/// <summary>A body that was gathered, and what it has of the budget.</summary>
internal sealed record Gathered(GatheredBody Body, BufferedBytes.Reservation Reservation);
