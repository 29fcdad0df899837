using System.Diagnostics;
using TokenBroker.Tokens.Answers;
using Xunit;

namespace TokenBroker.Tests.Tokens;

/// <summary>The span of a request points at the attempts that it waited for, and at no other.</summary>
public sealed class AttemptLinkTests : IDisposable
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly string _identity = $"client-id:{Guid.NewGuid()}";
    private readonly PumpedEntry _fixture;
    private readonly Telemetry _telemetry;

    public AttemptLinkTests()
    {
        _fixture = new(_identity);
        _telemetry = new(_fixture.Meters, _identity);
        _fixture.Start();
    }

    public void Dispose()
    {
        _fixture.Dispose();
        _telemetry.Dispose();
    }

    [Fact]
    public void A_request_that_found_a_token_ready_points_nowhere()
    {
        _fixture.Answer("one", Hour);
        using var request = Request(() => _fixture.Read());
        Assert.Empty(request.Links);
    }

    [Fact]
    public void A_request_that_waited_points_at_each_attempt_that_it_waited_for()
    {
        using var request = Request(() => _fixture.Read());
        _fixture.Fail();
        _fixture.AdvanceToNextAttempt();
        _fixture.Answer("one", Hour);
        Assert.Equal(2, _telemetry.Spans.Count);
        Assert.Equal(_telemetry.Spans.Select(span => span.Context), request.Links.Select(link => link.Context));
    }

    [Fact]
    public void A_request_that_gave_up_on_an_attempt_points_at_it_and_not_at_the_one_before()
    {
        _fixture.Fail(TokenFailureReason.EndpointFailing);
        _fixture.AdvanceToNextAttempt();
        using var request = Request(() => _fixture.Read());
        _fixture.Advance(TimeSpan.FromSeconds(11));
        _fixture.Fail();
        Assert.Equal([_telemetry.Spans[1].Context], request.Links.Select(link => link.Context));
    }

    [Fact]
    public void A_request_that_was_refused_without_waiting_points_nowhere()
    {
        _fixture.Fail(TokenFailureReason.Throttled, Hour);
        using var request = Request(() => _fixture.Read());
        Assert.Empty(request.Links);
    }

    [Fact]
    public void Whoever_wanted_a_suspect_token_replaced_or_asked_as_operator_points_at_the_attempt()
    {
        _fixture.Answer("one", Hour);
        _fixture.Advance(TimeSpan.FromMinutes(2));
        var held = _fixture.Read().Now().Token!;
        using var rejected = Request(() => _fixture.Replace(held));
        using var asked = Request(() => _fixture.Refresh());
        _fixture.Answer("two", Hour);
        Assert.Equal([_telemetry.Spans[1].Context], rejected.Links.Select(link => link.Context));
        Assert.Equal([_telemetry.Spans[1].Context], asked.Links.Select(link => link.Context));
    }

    private static Activity Request(Action ask)
    {
        var request = new Activity("request").Start();
        ask();
        Activity.Current = null;
        return request;
    }
}
