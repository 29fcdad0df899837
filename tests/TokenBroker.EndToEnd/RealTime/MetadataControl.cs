using System.Net.Http.Json;
using System.Text.Json;

namespace TokenBroker.EndToEnd.RealTime;

/// <summary>The control endpoint of the emulator that runs as a process.</summary>
internal sealed class MetadataControl(Uri control) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = control };

    /// <summary>The record of requests, oldest first.</summary>
    public async Task<IReadOnlyList<MetadataRequest>> RequestsAsync(CancellationToken cancellation) =>
        (await _http.GetFromJsonAsync<List<MetadataRequest>>("/requests", JsonSerializerOptions.Web, cancellation))!;

    /// <param name="fault">The fault's fields, but for its duration.</param>
    /// <param name="duration">How long it lasts.</param>
    /// <param name="cancellation">Ends the wait for the answer.</param>
    public async Task InjectAsync(IReadOnlyDictionary<string, object> fault, TimeSpan duration, CancellationToken cancellation)
    {
        var body = new Dictionary<string, object>(fault) { ["duration"] = $"{(int)duration.TotalMilliseconds}ms" };
        using var answer = await _http.PostAsJsonAsync("/faults", body, cancellation);
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException(await answer.Content.ReadAsStringAsync(cancellation));
    }

    public void Dispose() => _http.Dispose();
}

/// <summary>One line of the emulator's record, as far as it is needed here.</summary>
internal sealed record MetadataRequest(DateTimeOffset ReceivedAt, int? Status, string? Fault, string? TokenId, DateTimeOffset? TokenExpiresAt);
