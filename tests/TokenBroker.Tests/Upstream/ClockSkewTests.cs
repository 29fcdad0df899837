using Microsoft.Extensions.Logging;
using TokenBroker.Tests.Functional;
using TokenBroker.Tests.Tokens;
using TokenBroker.Tests.Tokens.Simulation;
using TokenBroker.Upstream;
using Xunit;

namespace TokenBroker.Tests.Upstream;

public class ClockSkewTests
{
    [Theory]
    [InlineData(new[] { 60.2, 59.8, 60.4, 59.9, 61.0 }, 1)] // a date is right to about a second
    [InlineData(new[] { 59.0, -59.0, 0.0 }, 0)]
    [InlineData(new[] { 600.0, 0.0, -600.0 }, 2)] // set right, and off again
    public void Clock_that_is_off_is_said_once_until_it_was_set_right(double[] seconds, int times)
    {
        var clock = new TestClock();
        using var log = new CapturedLog();
        using var factory = LoggerFactory.Create(logging => logging.AddProvider(log));
        using var meters = new Meters();
        var skew = new ClockSkew(new(meters), clock, factory.CreateLogger<ClockSkew>());

        foreach (var ahead in seconds)
            skew.Observe("acct", clock.GetUtcNow() - TimeSpan.FromSeconds(ahead + 0.5));
        skew.Observe("acct", null);

        Assert.Equal(times, log.Lines.Count);
    }
}
