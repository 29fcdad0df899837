using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;

namespace TokenBroker.EndToEnd.RealTime;

/// <summary>
/// Clients that send one small request after the other at a steady pace, and never twice: what fails once is counted as
/// failed. One request in five writes, the others read what was written.
/// </summary>
internal sealed class SteadyLoad(Uri container, int clients, int perSecond) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(30) };
    private readonly ConcurrentQueue<string> _failures = [];
    private readonly ConcurrentQueue<TimeSpan> _times = [];
    private int _sent;

    public int Sent => Volatile.Read(ref _sent);

    public IReadOnlyCollection<string> Failures => _failures;

    /// <summary>The longest that any request took.</summary>
    public TimeSpan Slowest => _times.Max();

    public async Task CreateContainerAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, container + "?restype=container") { Content = new ByteArrayContent([]) };
        using var answer = await SendAsync(request, CancellationToken.None);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Runs until cancelled; every request that was begun is finished.</summary>
    public Task RunAsync(CancellationToken stop) => Task.WhenAll(Enumerable.Range(0, clients).Select(client => RunClientAsync(client, stop)));

    public void Dispose() => _http.Dispose();

    private async Task RunClientAsync(int client, CancellationToken stop)
    {
        var blob = new Uri($"{container}/client-{client}");
        using var pace = new PeriodicTimer(TimeSpan.FromSeconds((double)clients / perSecond));
        for (var number = 0; ; number++)
        {
            await CountAsync(blob, write: number % 5 == 0);
            try
            {
                await pace.WaitForNextTickAsync(stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task CountAsync(Uri blob, bool write)
    {
        Interlocked.Increment(ref _sent);
        var watch = Stopwatch.StartNew();
        try
        {
            using var request = write ? Put(blob) : new HttpRequestMessage(HttpMethod.Get, blob);
            using var answer = await SendAsync(request, CancellationToken.None);
            var expected = write ? HttpStatusCode.Created : HttpStatusCode.OK;
            var body = await answer.Content.ReadAsStringAsync();
            if (answer.StatusCode != expected)
                _failures.Enqueue($"{request.Method}: {(int)answer.StatusCode} {body}");
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException or IOException)
        {
            _failures.Enqueue(error.Message);
        }

        _times.Enqueue(watch.Elapsed);
    }

    private Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        request.Headers.Add("x-ms-version", "2021-12-02");
        return _http.SendAsync(request, cancellation);
    }

    private static HttpRequestMessage Put(Uri blob)
    {
        var request = new HttpRequestMessage(HttpMethod.Put, blob) { Content = new ByteArrayContent(new byte[1024]) };
        request.Headers.Add("x-ms-blob-type", "BlockBlob");
        return request;
    }
}
