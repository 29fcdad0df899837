using System.Collections.Concurrent;
using System.Text;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport.Network;

namespace TokenBroker.EndToEnd.Secrets;

/// <summary>
/// What clients, good and bad, send to a sidecar: every request carries a signature or a credential of its own, and is
/// served, refused, malformed or broken on the way.
/// </summary>
internal sealed class Workload(Uri address)
{
    private readonly ConcurrentDictionary<string, string> _markers = new();
    private readonly StringBuilder _answers = new();
    private readonly Lock _gate = new();

    /// <summary>How every secret of a kind begins, in this run and no other: whoever prints one, even in part, prints this.</summary>
    public IReadOnlyDictionary<string, string> Markers => _markers;

    /// <summary>Everything that was answered.</summary>
    public string Answers
    {
        get { lock (_gate) return _answers.ToString(); }
    }

    /// <summary>Requests that storage serves, signed in each of the ways that clients have.</summary>
    public Task ServeAsync(int count) => Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
    {
        var target = "/acct/things/pattern-64";
        await SendAsync((i % 3) switch
        {
            0 => Get($"{target}?{Sas(encoded: false)}"),
            1 => Get($"{target}?{Sas(encoded: true)}"),
            _ => Get(target, $"Authorization: SharedKey acct:{Secret("SharedKey signature")}"),
        });
    });

    /// <summary>Requests that the sidecar refuses, and requests that are none.</summary>
    public async Task RefuseAsync()
    {
        string[] refused =
        [
            Get($"/nobody/things/b?{Sas(false)}"), Get($"/acct/things/a/../b?{Sas(true)}"), Get($"/acct/things/b?{Sas(false)}&a=1&a=2"),
            Get($"/acct/things/b?si%67={Secret("sig")}"), Get($"/acct//b?{Sas(false)}"), Get($"/acct/th%69ngs/b?{Sas(true)}"),
            Get($"/acct/things/b?{Sas(false)}", "X-Forwarded-For: 10.0.0.1"), Get($"/acct/things/b?{Sas(false)}", "Origin: http://evil.example"),
            Get($"/acct/things/b?{Sas(false)}", "Connection: x-ms-version"), Get($"/acct/things/b?{Sas(false)}", "Range: bytes=0-1\r\nRange: bytes=2-3"),
            Get($"http://{address.Authority}/acct/things/b?{Sas(false)}"), Get($"//acct/things/b?{Sas(false)}"), Get($"/acct@evil.example/b?{Sas(false)}"),
            Request("PATCH", $"/acct/things/b?{Sas(false)}"), Request("POST", $"/acct/things/b?comp=batch&{Sas(true)}", "Content-Length: 0"),
            $"GET /acct/things/b?{Sas(false)} HTTP/1.1\r\nHost: evil.example\r\nx-ms-version: 2021-12-02\r\n\r\n",
            $"GET /acct/things/b?{Sas(false)} HTTP/1.1\r\nHost: {address.Authority}\r\n\r\n",
            $"GET /acct/things/b?{Sas(false)} HTTP/1.1\r\nx-ms-version: 2021-12-02\r\n\r\n",
            $"GET /acct/things/b?{Sas(false)} HTTP/1.0\r\n\r\n",
        ];
        string[] malformed =
        [
            $"GET /acct/things/b?{Sas(false)}\r\n\r\n", $"GET  /acct/things/b?{Sas(false)} HTTP/1.1\r\n\r\n", $"GET /acct/b?{Sas(false)} HTTP/9.9\r\n\r\n",
            $"{Secret("token as a method")} / HTTP/1.1\r\n\r\n", $"GET /a?{Sas(false)} HTTP/1.1\r\nNo colon {Secret("token in a broken header")}\r\n\r\n",
            $"GET /a?{Sas(false)}\0 HTTP/1.1\r\n\r\n", $"GET /a?sig={Secret("sig")}é HTTP/1.1\r\nHost: a\r\n\r\n", $"GET /%00?{Sas(false)} HTTP/1.1\r\nHost: a\r\n\r\n",
            $"GET /a?{Sas(false)} HTTP/1.1\r\nAuthorization: Bearer {Secret("token in a broken header")}\0\r\n\r\n", $"\u0016\u0003\u0001{Secret("token in the dark")}\r\n\r\n",
            Get($"/acct/things/b?{Sas(false)}&x={new string('x', 40_000)}"), Get($"/acct/b?{Sas(false)}", $"X-Long: {new string('x', 70_000)}"),
            $"PUT /acct/b?{Sas(false)} HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Length: {Secret("token as a length")}\r\n\r\n",
        ];
        foreach (var request in refused.Concat(malformed))
            await SendAsync(request);
    }

    public string Sas(bool encoded)
    {
        var signature = Secret("sig");
        return $"sv=2023-11-03&ss=b&srt=sco&sp=rwdl&se=2030-01-01T00:00:00Z&sig={(encoded ? Uri.EscapeDataString(signature) : signature)}";
    }

    public string Get(string target, string? header = null) => Request("GET", target, header);

    public string Request(string method, string target, string? header = null) =>
        $"{method} {target} HTTP/1.1\r\nHost: {address.Authority}\r\nx-ms-version: 2021-12-02\r\nConnection: close\r\n{(header is null ? "" : header + "\r\n")}\r\n";

    /// <summary>Sends a request on a connection of its own, and keeps whatever comes back.</summary>
    public async Task SendAsync(string request)
    {
        string text;
        try
        {
            var answer = await RawConnection.ExchangeAsync(address, request);
            text = $"{answer.StatusLine}\n{string.Join('\n', answer.Headers)}\n{answer.Text}\n";
        }
        catch (Exception cut) when (cut is IOException or EndOfStreamException)
        {
            text = "cut\n";
        }

        lock (_gate)
            _answers.Append(text);
    }

    /// <summary>A signature as a client makes it, with the characters of base64 that encoding changes; no two alike.</summary>
    private string Secret(string name)
    {
        var marker = _markers.GetOrAdd(name, _ => $"s+/{Convert.ToBase64String(Guid.NewGuid().ToByteArray())[..22]}/+");
        return $"{marker}{Guid.NewGuid():N}=";
    }
}
