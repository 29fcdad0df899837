using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace TokenBroker.Tests.Tokens.Simulation;

/// <summary>
/// The metadata endpoint behind the product's own source: real requests in, real answers with status, headers and body
/// out, but no socket. It lives in true time, and tells the oracle what it was asked and what it handed out.
/// </summary>
internal sealed class FakeEndpoint(TestClock clock, Random random, Variant variant, Weather weather, Oracle oracle) : HttpMessageHandler
{
    private static readonly HttpStatusCode[] Statuses =
        [.. new[] { 301, 400, 401, 403, 404, 408, 410, 429, 429, 500, 502, 503, 504 }.Select(status => (HttpStatusCode)status)];

    private static readonly string[] Nonsense =
    [
        "", "<html>sign in</html>", "[]", "null", """{"access_token":""", """{"access_token":"x","expires_in":"3599" """,
        """{"access_token":"","expires_in":"3599"}""", """{"access_token":"a b","expires_in":"3599"}""",
        """{"access_token":"\ud800","expires_in":"3599"}""", """{"access_token":"x"}""",
        """{"access_token":"x","expires_in":"-Infinity"}""", """{"access_token":"x","expires_in":"-5","expires_on":"soon"}""",
    ];

    private Issue? _current;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        oracle.Attempted();
        try
        {
            return await AnswerAsync(cancellationToken);
        }
        finally
        {
            oracle.AttemptEnded();
        }
    }

    private async Task<HttpResponseMessage> AnswerAsync(CancellationToken attempt)
    {
        var condition = weather.Condition;
        var answer = condition is Condition.Healthy or Condition.Slow or Condition.Skewed or Condition.Same or Condition.Expired
            ? Token(condition)
            : null;
        await DelayAsync(condition switch
        {
            Condition.Hang => Timeout.InfiniteTimeSpan,
            Condition.Slow => TimeSpan.FromSeconds(12 * random.NextDouble()),
            _ => TimeSpan.FromMilliseconds(random.Next(1, 50)),
        }, attempt);
        if (answer is not null)
        {
            oracle.Delivered(answer);
            return Body(answer.Json);
        }

        return condition switch
        {
            Condition.Status => Failure(),
            Condition.Refused => throw Broken(SocketError.ConnectionRefused),
            Condition.Reset => throw Broken(SocketError.ConnectionReset),
            Condition.BrokenBody => throw new IOException("The answer ended early."),
            _ => Body(Nonsense[random.Next(Nonsense.Length)]),
        };
    }

    private static HttpRequestException Broken(SocketError error) => new("broken", new SocketException((int)error));

    private static HttpResponseMessage Body(string json) =>
        new(HttpStatusCode.OK) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(json)) };

    private HttpResponseMessage Failure()
    {
        var response = new HttpResponseMessage(Statuses[random.Next(Statuses.Length)])
        {
            Content = new ByteArrayContent("""{"error":"invalid_request"}"""u8.ToArray()),
        };
        if (response.StatusCode == HttpStatusCode.TooManyRequests)
            oracle.Throttled();
        var form = random.Next(6);
        if (form >= 2)
            return response;
        var wait = TimeSpan.FromSeconds(random.Next(12) == 0 ? 1e6 : random.Next(0, 120));
        response.Headers.TryAddWithoutValidation("Retry-After", form == 0
            ? ((int)wait.TotalSeconds).ToString(CultureInfo.InvariantCulture)
            : (clock.TrueTime + wait).ToString("r", CultureInfo.InvariantCulture));
        oracle.AskedToWait(form == 0 ? wait : clock.TrueTime + wait - clock.GetUtcNow());
        return response;
    }

    private Answer Token(Condition condition)
    {
        var now = clock.TrueTime;
        if (condition == Condition.Expired)
            return Write(new Issue("expired" + random.Next(), now - TimeSpan.FromSeconds(random.Next(1, 100_000))), TimeSpan.Zero);
        // Never less than two seconds: what is cut off from its life would leave nothing of it.
        var reuse = variant.Life * variant.ReuseUntil + TimeSpan.FromSeconds(2);
        if (_current is null || (condition != Condition.Same && _current.TrueExpiry - now < reuse))
            _current = oracle.Issued(now + variant.Life);
        var skew = condition == Condition.Skewed ? variant.Life * (random.NextDouble() - 0.5) : TimeSpan.Zero;
        return Write(_current, skew);
    }

    private Answer Write(Issue issue, TimeSpan skew)
    {
        var stated = issue.TrueExpiry + skew;
        var left = Math.Floor((stated - clock.TrueTime).TotalSeconds);
        var seconds = left.ToString(CultureInfo.InvariantCulture);
        var whole = Math.Max(left, variant.Life.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        var moment = stated.ToUnixTimeSeconds();
        var (members, expiresIn) = variant.Form switch
        {
            ExpiryForm.Both => ($"\"expires_in\":\"{seconds}\",\"expires_on\":\"{moment}\"", left),
            ExpiryForm.BothFromIssue => ($"\"expires_in\":\"{whole}\",\"expires_on\":\"{moment}\"", double.Parse(whole, CultureInfo.InvariantCulture)),
            ExpiryForm.MomentOnly => ($"\"expires_on\":\"{moment}\"", 0),
            ExpiryForm.Iso => ($"\"expires_on\":\"{stated:yyyy-MM-ddTHH:mm:ssZ}\"", 0),
            _ => ($"\"expires_in\":{seconds}", left),
        };
        // A negative number of seconds states no expiry, whatever a clock that jumps before the answer arrives makes of it.
        var statedByWall = variant.Form != ExpiryForm.SecondsOnly ? DateTimeOffset.FromUnixTimeSeconds(moment)
            : left < 0 ? DateTimeOffset.MinValue
            : clock.GetUtcNow() + TimeSpan.FromSeconds(left);
        return new(issue, $$"""{"access_token":"{{issue.Value}}",{{members}},"token_type":"Bearer"}""",
            statedByWall, expiresIn > 0 ? TimeSpan.FromSeconds(expiresIn) : null);
    }

    private async Task DelayAsync(TimeSpan delay, CancellationToken attempt)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var timer = clock.CreateTimer(_ => ended.TrySetResult(), null, delay, Timeout.InfiniteTimeSpan);
        using var registration = attempt.UnsafeRegister(_ => ended.TrySetCanceled(attempt), null);
        await ended.Task;
    }
}
