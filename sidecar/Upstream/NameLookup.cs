using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;

namespace TokenBroker.Upstream;

/// <summary>
/// Addresses of storage's names. Callers that want the same name at the same time share one lookup, and a caller that gives
/// up does not cancel it for the others. If DNS fails or is slow, the last known addresses are used: the certificate proves
/// whose they are. Only the names of configured accounts are looked up, so their number is limited.
/// </summary>
internal sealed class NameLookup(Func<string, CancellationToken, Task<IPAddress[]>> resolve, TimeProvider time, ILogger<NameLookup> logger)
{
    /// <summary>How long a result is used without another lookup. The system's resolver does not return its lifetime.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(5);

    /// <summary>How long a caller waits for DNS before it uses the last known addresses.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, Name> _names = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Asks the system's resolver on a separate thread. On Linux, the platform's asynchronous lookup blocks a thread of the
    /// pool until DNS answers; a few names whose servers do not answer would then stop the requests of all other accounts.
    /// </summary>
    public static Task<IPAddress[]> ResolveOnOwnThreadAsync(string host, CancellationToken cancellation) =>
        Task.Factory.StartNew(() => Dns.GetHostAddresses(host), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <exception cref="SocketException">The lookup failed, and no earlier one succeeded.</exception>
    public async ValueTask<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellation)
    {
        if (IPAddress.TryParse(host, out var address))
            return [address];
        var name = _names.GetOrAdd(host, static host => new(host));
        Task<Answer> lookup;
        IReadOnlyList<IPAddress>? lastGood;
        bool isFailing;
        lock (name.Gate)
        {
            (lastGood, isFailing) = (name.LastGood, name.IsFailing);
            if (lastGood is not null && !name.HasExpired && time.GetElapsedTime(name.CheckedAt) < MaxAge)
                return lastGood;
            // Several callers may wait for it, so one caller's cancellation does not apply.
            lookup = name.Lookup ??= Task.Run(() => LookUpAsync(name), CancellationToken.None);
        }

        if (lastGood is null)
            return (await lookup.WaitAsync(cancellation)).Addresses;
        if (isFailing)
            return lastGood; // the lookup continues in the background
        try
        {
            var answer = await lookup.WaitAsync(MaxWait, time, cancellation);
            return answer.Error is null ? answer.Addresses : lastGood;
        }
        catch (TimeoutException)
        {
            lock (name.Gate)
            {
                if (name.Lookup != lookup || name.IsFailing)
                    return lastGood;
                name.IsFailing = true;
            }

            UpstreamLog.LookupFailing(logger, name.Host, $"no answer within {MaxWait.TotalSeconds:0.#} s", lastGood.Count);
            return lastGood;
        }
    }

    /// <summary>Connecting failed for all addresses of the last result, so the next caller looks up the name again.</summary>
    public void Expire(string host)
    {
        if (!_names.TryGetValue(host, out var name))
            return;
        lock (name.Gate)
            name.HasExpired = true;
    }

    private async Task<Answer> LookUpAsync(Name name)
    {
        var answer = await AskAsync(name.Host);
        bool wasFailing;
        int lastGood;
        lock (name.Gate)
        {
            name.Lookup = null;
            name.CheckedAt = time.GetTimestamp();
            wasFailing = name.IsFailing;
            if (answer.Error is null)
                (name.LastGood, name.HasExpired) = (answer.Addresses, false);
            lastGood = name.LastGood?.Count ?? 0;
            name.IsFailing = answer.Error is not null && lastGood > 0;
        }

        if (answer.Error is null && wasFailing)
            UpstreamLog.LookupRecovered(logger, name.Host);
        else if (answer.Error is { } error && !wasFailing && lastGood > 0)
            UpstreamLog.LookupFailing(logger, name.Host, (error as SocketException)?.SocketErrorCode.ToString() ?? error.GetType().Name, lastGood);
        return answer;
    }

    private async Task<Answer> AskAsync(string host)
    {
        try
        {
            var addresses = await resolve(host, CancellationToken.None);
            return addresses.Length > 0 ? new(addresses, null) : new([], new SocketException((int)SocketError.NoData));
        }
        catch (Exception error)
        {
            return new([], error);
        }
    }

    /// <summary>Everything but the host is read and written under <see cref="Gate"/>.</summary>
    private sealed class Name(string host)
    {
        public string Host => host;

        public Lock Gate { get; } = new();

        public IReadOnlyList<IPAddress>? LastGood { get; set; }

        /// <summary>When the last lookup ended, successful or not.</summary>
        public long CheckedAt { get; set; }

        /// <summary>There are known addresses, but the last lookup failed or took too long.</summary>
        public bool IsFailing { get; set; }

        public bool HasExpired { get; set; }

        public Task<Answer>? Lookup { get; set; }
    }

    private sealed record Answer(IReadOnlyList<IPAddress> Known, Exception? Error)
    {
        public IReadOnlyList<IPAddress> Addresses
        {
            get
            {
                if (Error is not null)
                    ExceptionDispatchInfo.Throw(Error);
                return Known;
            }
        }
    }
}
