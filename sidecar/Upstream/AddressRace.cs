using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using TokenBroker.Limits;

namespace TokenBroker.Upstream;

/// <summary>
/// Connects to one of a name's addresses as RFC 8305 describes it: the next address is tried after 250 ms, or at once if an
/// attempt fails; the first connection wins and the other attempts end. The winner is tried first the next time. The
/// caller's cancellation limits the total time.
/// </summary>
internal sealed class AddressRace(TimeProvider time, UpstreamSockets? sockets = null)
{
    public static readonly TimeSpan NextAttemptAfter = TimeSpan.FromMilliseconds(250);

    /// <summary>No more addresses than this are tried: each attempt that hangs holds a socket.</summary>
    private const int MaxAddresses = 16;

    private readonly ConcurrentDictionary<(string Host, int Port), IPAddress> _winners = new();

    /// <exception cref="SocketException">Connecting failed for all addresses; this is the most useful of the errors.</exception>
    public async Task<DialledConnection> ConnectAsync(string host, int port, IReadOnlyList<IPAddress> addresses, CancellationToken cancellation)
    {
        var order = Order(addresses, _winners.GetValueOrDefault((host, port)));
        var ended = new List<Attempt>();
        var running = new List<Task<Attempt>>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Attempt? winner = null;
        try
        {
            for (var next = 0; winner is null && (next < order.Count || running.Count > 0) && !cancellation.IsCancellationRequested;)
            {
                if (next < order.Count)
                    running.Add(DialAsync(new(order[next++], port), stop.Token));
                if (await FirstAsync(running, next < order.Count) is not { } first)
                    continue;
                running.Remove(first);
                var attempt = await first;
                if (attempt.Socket is null)
                    ended.Add(attempt);
                else
                    winner = attempt;
            }
        }
        finally
        {
            await stop.CancelAsync();
            foreach (var loser in await Task.WhenAll(running))
            {
                loser.Socket?.Dispose();
                ended.Add(loser with { Error = loser.Error ?? SocketError.TimedOut });
            }
        }

        if (winner is null)
            throw Failure(host, port, ended, cancellation);
        _winners[(host, port)] = winner.Address.Address;
        return new(winner.Socket!, winner.Address, [.. ended.Select(attempt => (attempt.Address.Address, attempt.Error))]);
    }

    /// <summary>The last winner first; then by turns from each family, in the order of the resolver, which has the better family first.</summary>
    public static List<IPAddress> Order(IReadOnlyList<IPAddress> addresses, IPAddress? lastWinner)
    {
        var known = addresses.Select(address => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).Distinct().ToList();
        if (known is [var only])
            return [only];
        var families = known.GroupBy(address => address.AddressFamily).Select(family => family.ToList()).ToList();
        var order = Enumerable.Range(0, families.Max(family => family.Count))
            .SelectMany(at => families.Where(family => at < family.Count).Select(family => family[at])).ToList();
        if (lastWinner is not null && order.Remove(lastWinner))
            order.Insert(0, lastWinner);
        return order[..Math.Min(order.Count, MaxAddresses)];
    }

    /// <summary>The attempt that ended; null if it is time for the next one.</summary>
    private async Task<Task<Attempt>?> FirstAsync(List<Task<Attempt>> running, bool hasMore)
    {
        if (!hasMore)
            return await Task.WhenAny(running);
        using var ended = new CancellationTokenSource();
        var first = await Task.WhenAny([.. running, Task.Delay(NextAttemptAfter, time, ended.Token)]);
        await ended.CancelAsync(); // ends the timer
        return first as Task<Attempt>;
    }

    private async Task<Attempt> DialAsync(IPEndPoint address, CancellationToken cancellation)
    {
        Socket? socket = null;
        try
        {
            socket = sockets is null
                ? new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
                : await sockets.OpenAsync(address.AddressFamily, cancellation);
            socket.NoDelay = true;
            await socket.ConnectAsync(address, cancellation);
            return new(address, socket, null);
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException)
        {
            socket?.Dispose();
            return new(address, null, (error as SocketException)?.SocketErrorCode);
        }
    }

    private Exception Failure(string host, int port, List<Attempt> ended, CancellationToken cancellation)
    {
        _winners.TryRemove((host, port), out _);
        var error = ended.Select(attempt => attempt.Error ?? SocketError.TimedOut).DefaultIfEmpty(SocketError.TimedOut).MaxBy(Weight);
        return error == SocketError.TimedOut && cancellation.IsCancellationRequested
            ? new OperationCanceledException(cancellation)
            : new SocketException((int)error);
    }

    /// <summary>A refused connection is the most useful error, then a timeout, then a missing route.</summary>
    private static int Weight(SocketError error) => error switch
    {
        SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable => 4, // this host's own limit
        SocketError.ConnectionRefused or SocketError.ConnectionReset => 3,
        SocketError.NetworkUnreachable or SocketError.HostUnreachable or SocketError.NetworkDown => 1,
        SocketError.AddressFamilyNotSupported or SocketError.AddressNotAvailable => 0,
        _ => 2,
    };

    /// <param name="Address">Where.</param>
    /// <param name="Socket">Connected; null if it is not.</param>
    /// <param name="Error">Null if it was connected or cancelled.</param>
    private sealed record Attempt(IPEndPoint Address, Socket? Socket, SocketError? Error);
}

/// <param name="Socket">The connected socket, which the caller must dispose.</param>
/// <param name="Address">Which address answered.</param>
/// <param name="PassedOver">Addresses that failed or had not answered by then.</param>
internal sealed record DialledConnection(Socket Socket, IPEndPoint Address, IReadOnlyList<(IPAddress Address, SocketError? Error)> PassedOver);
