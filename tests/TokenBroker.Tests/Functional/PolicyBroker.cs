using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TokenBroker.Configuration;
using TokenBroker.TestSupport.Network;
using Xunit;

namespace TokenBroker.Tests.Functional;

/// <summary>A sidecar with policies, and what its answers come to.</summary>
internal static class PolicyBroker
{
    private const string Version = "x-ms-version: 2021-12-02\r\n";

    /// <summary>Containers by name and by beginning; every operation but delegate.</summary>
    public static readonly PolicyOptions OnlyC = new() { Containers = ["c", "logs-*"] };

    public static readonly PolicyOptions ReadOnly = new() { Operations = PolicyOptions.ReadOnly };

    /// <summary>Two accounts; the policy is the first one's, and the second's is <paramref name="other"/>.</summary>
    public static Task<RunningBroker> StartAsync(PolicyOptions? policy, PolicyOptions? other = null, CapturedLog? log = null) => RunningBroker.StartAsync(
        options => options with
        {
            LogLevel = log is null ? options.LogLevel : LogLevel.Trace,
            Accounts = [options.Accounts[0] with { Policy = policy }, options.Accounts[0] with
            {
                Name = "other",
                Endpoint = new(options.Accounts[0].Endpoint, "/other"),
                SecondaryEndpoint = new(options.Accounts[0].Endpoint, "/other-secondary"),
                Policy = other,
            }],
        },
        configure: services =>
        {
            if (log is not null)
                services.AddSingleton<ILoggerProvider>(log);
        });

    public static Task<RawResponse> SendAsync(RunningBroker broker, string line, string headers = "", string host = "HOST") =>
        broker.SendAsync($"{line} HTTP/1.1\r\nHost: {host}\r\n{Version}{headers}"
            + (line.StartsWith("GET", StringComparison.Ordinal) ? "\r\n" : "Content-Length: 0\r\n\r\n"));

    public static Task<RawResponse> PostBatchAsync(RunningBroker broker, string target, params string[] requests)
    {
        var body = string.Concat(requests.Select((request, id) =>
            $"--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: {id}\r\n\r\n{request} HTTP/1.1\r\nContent-Length: 0\r\n\r\n")) + "--b--\r\n";
        return broker.SendAsync($"POST {target} HTTP/1.1\r\nHost: HOST\r\n{Version}Content-Type: multipart/mixed; boundary=b\r\n"
            + $"Content-Length: {Encoding.Latin1.GetByteCount(body)}\r\n\r\n{body}");
    }

    public static void AssertRefused(RunningBroker broker, RawResponse answer, string reason)
    {
        Assert.Equal((403, reason), (answer.Status, answer.Header("x-tokenbroker-reason")));
        Assert.Equal("AuthorizationPermissionMismatch", answer.Header("x-ms-error-code"));
        Assert.Equal(0, broker.Storage.Requests.Count);
    }

    public static void AssertForwarded(RunningBroker broker, RawResponse answer)
    {
        Assert.Null(answer.Header("x-tokenbroker-reason"));
        Assert.Equal(1, broker.Storage.Requests.Count);
    }
}
