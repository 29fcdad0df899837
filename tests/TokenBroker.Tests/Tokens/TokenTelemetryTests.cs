using System.Diagnostics;
using TokenBroker.Tokens;
using TokenBroker.Tokens.Answers;
using Xunit;

namespace TokenBroker.Tests.Tokens;

public sealed class TokenTelemetryTests : IDisposable
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly string _identity = $"client-id:{Guid.NewGuid()}";
    private readonly PumpedEntry _fixture;
    private readonly Telemetry _telemetry;

    public TokenTelemetryTests()
    {
        _fixture = new(_identity);
        _telemetry = new(_fixture.Meters, _identity);
    }

    public void Dispose()
    {
        _fixture.Dispose();
        _telemetry.Dispose();
    }

    // A first token cannot be the same as before: the pair of start and unchanged does not exist.
    [Theory]
    [InlineData("start", "refreshed")]
    [InlineData("start", "failed")]
    [InlineData("scheduled", "refreshed")]
    [InlineData("scheduled", "unchanged")]
    [InlineData("scheduled", "failed")]
    [InlineData("demand", "refreshed")]
    [InlineData("demand", "unchanged")]
    [InlineData("demand", "failed")]
    [InlineData("rejected", "refreshed")]
    [InlineData("rejected", "unchanged")]
    [InlineData("rejected", "failed")]
    [InlineData("operator", "refreshed")]
    [InlineData("operator", "unchanged")]
    [InlineData("operator", "failed")]
    public void Every_attempt_is_counted_timed_and_traced_with_its_outcome_and_trigger(string trigger, string outcome)
    {
        Begin(trigger);
        var before = _telemetry.Spans.Count;
        _fixture.Advance(TimeSpan.FromSeconds(3));
        if (outcome == "failed")
            _fixture.Fail(TokenFailureReason.Throttled);
        else
            _fixture.Answer(outcome == "unchanged" ? "one" : "two", Hour);

        var reason = outcome == "failed" ? "throttled" : "none";
        var labels = $" outcome={outcome} reason={reason} trigger={trigger}";
        Assert.Equal(1, _telemetry.Measured["tokenbroker.token.refreshes" + labels]);
        Assert.Equal(3, _telemetry.Measured["tokenbroker.token.refresh.duration" + labels]);
        var span = Assert.Single(_telemetry.Spans.Skip(before));
        Assert.Equal(("token refresh", ActivityKind.Client), (span.OperationName, span.Kind));
        Assert.Equal(outcome, span.GetTagItem("tokenbroker.token.outcome"));
        Assert.Equal(reason, span.GetTagItem("tokenbroker.token.reason"));
        Assert.Equal(trigger, span.GetTagItem("tokenbroker.token.trigger"));
        Assert.Equal(outcome == "failed" ? ActivityStatusCode.Error : ActivityStatusCode.Unset, span.Status);
    }

    [Fact]
    public void Instruments_have_the_units_of_what_they_measure_and_the_gauges_show_the_entry()
    {
        _fixture.Metrics.Observe(() => [_fixture.Entry]);
        _telemetry.Collect();
        Assert.DoesNotContain("tokenbroker.token.time_to_expiry", _telemetry.Measured.Keys);
        Assert.Equal(1, _telemetry.Measured["tokenbroker.token.state state=none"]);

        Begin("scheduled");
        _fixture.Fail();
        _fixture.Read();
        _telemetry.Collect();
        var snapshot = _fixture.Entry.Snapshot();
        Assert.Equal(snapshot.TimeToExpiry!.Value.TotalSeconds, _telemetry.Measured["tokenbroker.token.time_to_expiry"]);
        Assert.Equal(3600, _telemetry.Measured["tokenbroker.token.time_to_expiry"] + _telemetry.Measured["tokenbroker.token.age"], 3);
        foreach (var state in Enum.GetNames<TokenState>())
            Assert.Equal(state == "Stale" ? 1 : 0, _telemetry.Measured[$"tokenbroker.token.state state={state.ToLowerInvariant()}"]);
        Assert.Equal(
            [
                ("tokenbroker.token.age", "s"), ("tokenbroker.token.reads", "{read}"), ("tokenbroker.token.refresh.duration", "s"),
                ("tokenbroker.token.refreshes", "{refresh}"), ("tokenbroker.token.state", "{entry}"), ("tokenbroker.token.time_to_expiry", "s"),
            ],
            _telemetry.Units.OrderBy(unit => unit.Key, StringComparer.Ordinal).Select(unit => (unit.Key, unit.Value)));
    }

    [Fact]
    public void The_age_of_a_token_counts_from_its_first_receipt_however_often_it_comes_again()
    {
        Begin("scheduled");
        _fixture.Answer("one", Hour);
        Assert.InRange(_fixture.Entry.Snapshot().Age!.Value / Hour, 0.45, 0.55);
        _fixture.AdvanceToNextAttempt();
        _fixture.Answer("two", Hour);
        Assert.Equal(TimeSpan.Zero, _fixture.Entry.Snapshot().Age);
    }

    [Fact]
    public void Reads_are_counted_as_ready_waited_or_refused()
    {
        _fixture.Start();
        _fixture.Fail(TokenFailureReason.Throttled, Hour);
        Assert.Null(_fixture.Read().Now().Token);
        _fixture.AdvanceToNextAttempt();
        var waited = _fixture.Read();
        _fixture.Answer("one", Hour);
        Assert.NotNull(waited.Now().Token);
        _fixture.Read();
        _fixture.Read();
        Assert.Equal(2, _telemetry.Measured["tokenbroker.token.reads kind=ready"]);
        Assert.Equal(1, _telemetry.Measured["tokenbroker.token.reads kind=waited"]);
        Assert.Equal(1, _telemetry.Measured["tokenbroker.token.reads kind=refused"]);
    }

    private void Begin(string trigger)
    {
        _fixture.Start();
        if (trigger == "start")
            return;
        _fixture.Answer("one", Hour);
        if (trigger == "scheduled")
        {
            _fixture.AdvanceToNextAttempt();
            return;
        }

        _fixture.Advance(2 * Minute);
        if (trigger == "demand")
            _fixture.Suspend(Hour);
        _ = trigger switch
        {
            "demand" => _fixture.Read(),
            "rejected" => _fixture.Replace(_fixture.Read().Now().Token!),
            _ => (Task)_fixture.Refresh(),
        };
    }
}
