using System.Security;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TokenBroker.Imds.Faults;
using TokenBroker.TestSupport;
using TokenBroker.Tokens.Answers;
using Xunit;

namespace TokenBroker.Tests.Functional;

/// <summary>Why there is no token is said with one code and one sentence wherever somebody may look.</summary>
public class TokenFailureReasonTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>What brings each reason about; null where nothing listens at the endpoint's address.</summary>
    private static readonly Dictionary<TokenFailureReason, Fault?> Causes = new()
    {
        [TokenFailureReason.NoIdentityOnHost] = null,
        [TokenFailureReason.IdentityNotAssigned] = Fault.Answer(400),
        [TokenFailureReason.Refused] = Fault.Answer(403),
        [TokenFailureReason.Throttled] = Fault.Answer(429),
        [TokenFailureReason.Updating] = Fault.Answer(410),
        [TokenFailureReason.EndpointFailing] = Fault.Answer(500),
        [TokenFailureReason.TimedOut] = Fault.Of(FaultKind.Hang),
        [TokenFailureReason.Unreachable] = Fault.Of(FaultKind.Reset),
        [TokenFailureReason.InvalidAnswer] = Fault.Of(FaultKind.Garbage),
        [TokenFailureReason.Pending] = Fault.Of(FaultKind.Hang),
    };

    /// <summary>The names, since a public test method cannot take the type.</summary>
    public static TheoryData<string> Reasons => [.. Causes.Keys.Select(reason => reason.ToString())];

    /// <summary>Of the Azure CLI alone, of a process without a free descriptor, and of a sidecar that listens no more.</summary>
    private static readonly TokenFailureReason[] Elsewhere = [TokenFailureReason.NotSignedIn, TokenFailureReason.DescriptorsExhausted, TokenFailureReason.Stopping];

    [Fact]
    public void Every_reason_that_the_metadata_endpoint_can_give_is_tried() =>
        Assert.Equal(Enum.GetValues<TokenFailureReason>().Except(Elsewhere).Order(), Causes.Keys.Order());

    [Theory]
    [MemberData(nameof(Reasons))]
    public async Task The_client_the_readiness_answer_the_metrics_and_the_log_give_the_same_reason(string name)
    {
        var reason = Enum.Parse<TokenFailureReason>(name);
        var (code, sentence) = (TokenFailure.CodeOf(reason), TokenFailure.SentenceOf(reason));
        using var log = new CapturedLog();
        await using var broker = await StartAsync(reason, log);

        await AssertClientIsToldAsync(broker, "token-" + code, sentence);
        await AssertOperatorIsToldAsync(broker, code, sentence);
        if (reason == TokenFailureReason.Pending)
            return; // no attempt has ended yet, so there is nothing to count and nothing to log
        await Wait.UntilAsync(async () => (await broker.GetAdminAsync("/metrics")).Text.Split('\n').Any(line =>
            line.StartsWith("tokenbroker_token_refreshes_total{", StringComparison.Ordinal)
            && line.Contains($"reason=\"{code}\"", StringComparison.Ordinal)
            && line.Contains("outcome=\"failed\"", StringComparison.Ordinal)), Patience, "the failure is counted");
        Assert.Contains(log.Lines, line =>
            line.Contains($"({code}, ", StringComparison.Ordinal) && line.Contains(sentence, StringComparison.Ordinal));
    }

    private static Task<RunningBroker> StartAsync(TokenFailureReason reason, CapturedLog log)
    {
        var cause = Causes[reason];
        return RunningBroker.StartAsync(
            options => options with
            {
                Tokens = new()
                {
                    MetadataEndpoint = cause is null ? new("http://127.0.0.1:1") : options.Tokens.MetadataEndpoint,
                    FirstTokenWait = TimeSpan.FromMilliseconds(100),
                    AttemptTimeout = reason == TokenFailureReason.TimedOut ? TimeSpan.FromMilliseconds(200) : Patience,
                },
            },
            (metadata, _) =>
            {
                if (cause is not null)
                    metadata.Inject(cause);
            },
            services => services.AddSingleton<ILoggerProvider>(log));
    }

    private static async Task AssertClientIsToldAsync(RunningBroker broker, string reason, string sentence)
    {
        var response = await broker.GetAsync("/acct/c/b");
        await Wait.UntilAsync(async () =>
        {
            response = await broker.GetAsync("/acct/c/b");
            return response.Header("x-tokenbroker-reason") == reason;
        }, Patience, $"the client is told {reason}");
        Assert.Equal(503, response.Status);
        Assert.Contains(SecurityElement.Escape(sentence), response.Text, StringComparison.Ordinal);
        Assert.InRange(int.Parse(response.Header("Retry-After")!, System.Globalization.CultureInfo.InvariantCulture), 1, 3600);
        Assert.Equal(0, broker.Storage.Requests.Count);
    }

    private static async Task AssertOperatorIsToldAsync(RunningBroker broker, string code, string sentence)
    {
        var ready = await broker.GetAdminAsync("/health/ready");
        Assert.Equal(503, ready.Status);
        using var document = JsonDocument.Parse(ready.Text);
        var account = document.RootElement.GetProperty("accounts")[0];
        Assert.False(account.GetProperty("ready").GetBoolean());
        Assert.Equal(code, account.GetProperty("reason").GetString());
        Assert.Equal(sentence, account.GetProperty("whatToDo").GetString());
    }
}
