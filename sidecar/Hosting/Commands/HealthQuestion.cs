using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using TokenBroker.Configuration;

namespace TokenBroker.Hosting.Commands;

/// <summary>Asks a running sidecar's admin listener for its health, for example as the health check of its container.</summary>
internal sealed class HealthQuestion(ListenAddress admin, string path, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false });
    private readonly Uri _address = new($"{admin.ToReachable()}{path}");

    public void Dispose() => _http.Dispose();

    /// <summary>Asks until the answer is accepted or the timeout is over, and returns the last answer.</summary>
    public async Task<HealthReply> AskUntilAsync(Func<HealthReply, bool> willDo, TimeSpan limit)
    {
        using var timer = new CancellationTokenSource(limit, time);
        HealthReply? last = null;
        while (true)
        {
            try
            {
                last = await AskAsync(timer.Token);
                if (willDo(last))
                    return last;
                await Task.Delay(Pause, time, timer.Token);
            }
            catch (OperationCanceledException)
            {
                return last ?? new(false, false, $"{_address} did not answer in time.");
            }
        }
    }

    private async Task<HealthReply> AskAsync(CancellationToken limit)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _address);
        try
        {
            using var answer = await _http.SendAsync(request, limit);
            var (status, report) = ((int)answer.StatusCode, await ReadAsync(answer, limit));
            return report is not { } own ? new(false, false, $"{_address} answered {status}, but it is not the sidecar's admin listener. Correct --admin.")
                : answer.StatusCode == HttpStatusCode.OK ? new(true, false, $"{_address}: {status}")
                : new(false, false, $"{_address} answered {status}: {Reasons(own)}");
        }
        catch (HttpRequestException error) when (error.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused })
        {
            return new(false, true, $"{_address} refuses connections: the sidecar does not run, or its admin listener has another address (--admin).");
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            return new(false, false, $"{_address} did not answer: {(error as HttpRequestException)?.HttpRequestError.ToString() ?? "the connection was lost"}.");
        }
    }

    /// <returns>Null if it is not an answer of the sidecar.</returns>
    private static async Task<JsonElement?> ReadAsync(HttpResponseMessage answer, CancellationToken limit)
    {
        try
        {
            await using var body = await answer.Content.ReadAsStreamAsync(limit);
            using var document = await JsonDocument.ParseAsync(body, cancellationToken: limit);
            return document.RootElement.ValueKind == JsonValueKind.Object && Text(document.RootElement, "status").Length > 0 ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The accounts that have no token and the reasons, or another reason.</summary>
    private static string Reasons(JsonElement report) =>
        Text(report, "reason") == "no-token" && report.TryGetProperty("accounts", out var accounts) && accounts.ValueKind == JsonValueKind.Array
            ? string.Join(" ", accounts.EnumerateArray()
                .Where(account => account.TryGetProperty("ready", out var ready) && ready.ValueKind == JsonValueKind.False)
                .Select(account => $"{Text(account, "account")} has no token ({Text(account, "reason")}). {Text(account, "whatToDo")}"))
            : $"{Text(report, "reason")}. {Text(report, "whatToDo")}";

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
