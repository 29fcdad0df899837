using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using TokenBroker.Proxy;
using Xunit;
using static TokenBroker.Tests.Functional.PolicyBroker;

namespace TokenBroker.Tests.Functional;

/// <summary>A policy can be tried before it refuses anything.</summary>
public class PolicyReportTests
{
    [Fact]
    public async Task Report_only_refuses_nothing_and_says_and_counts_what_it_would()
    {
        using var log = new CapturedLog();
        await using var broker = await StartAsync(OnlyC with { ReportOnly = true }, ReadOnly, log);
        var counted = new List<string>();
        using var listener = Count(broker, counted);

        AssertForwarded(broker, await SendAsync(broker, "GET /acct/d/planted?sig=planted"));
        Assert.Equal("policy-write", (await SendAsync(broker, "PUT /other/c/b")).Header("x-tokenbroker-reason"));
        await PostBatchAsync(broker, "/acct/?comp=batch", "DELETE /acct/c/planted", "DELETE /acct/d/planted");

        Assert.Equal(["acct read report", "other write enforced", "acct delete report"], counted);
        Assert.Contains($"The policy of acct would refuse read: policy-container. {Refusal.PolicyContainer.Sentence}", log.Lines);
        Assert.DoesNotContain("planted", string.Join('\n', log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_delegation_key_stays_refused_under_a_policy_that_only_reports()
    {
        await using var broker = await StartAsync(ReadOnly with { ReportOnly = true });
        Assert.Equal("delegation-key", (await SendAsync(broker, "POST /acct/?restype=service&comp=userdelegationkey")).Header("x-tokenbroker-reason"));
    }

    private static MeterListener Count(RunningBroker broker, List<string> counted)
    {
        var meters = broker.Services.GetRequiredService<IMeterFactory>();
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Name == "tokenbroker.policy.denials" && instrument.Meter.Scope == meters)
                    self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            lock (counted)
                counted.Add(string.Join(' ', tags.ToArray().Select(tag => tag.Value)));
        });
        listener.Start();
        return listener;
    }
}
