using System.Collections.Concurrent;

namespace TokenBroker.Diagnosis.Checks;

/// <summary>The Date headers of all answers, each with this host's clock at the moment of its arrival.</summary>
internal sealed class ClockReadings(TimeProvider time)
{
    private readonly ConcurrentQueue<(string Server, TimeSpan Ahead)> _readings = new();

    /// <summary>How far this host is ahead of each server; negative if it is behind.</summary>
    public IReadOnlyList<(string Server, TimeSpan Ahead)> All => [.. _readings.DistinctBy(reading => reading.Server).OrderBy(reading => reading.Server, StringComparer.Ordinal)];

    public void Add(string server, HttpResponseMessage answer)
    {
        // A date has whole seconds, rounded down. The average error of half a second does not matter here.
        if (answer.Headers.Date is { } date)
            _readings.Enqueue((server, time.GetUtcNow() - date));
    }

    /// <summary>Reads the answers that pass through.</summary>
    public HttpMessageHandler Watch(string server, HttpMessageHandler inner) => new Watcher(this, server, inner);

    private sealed class Watcher(ClockReadings readings, string server, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var answer = await base.SendAsync(request, cancellationToken);
            readings.Add(server, answer);
            return answer;
        }
    }
}
