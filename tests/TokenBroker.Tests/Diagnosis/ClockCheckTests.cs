using TokenBroker.Diagnosis.Checks;
using TokenBroker.Tests.Tokens;
using Xunit;

namespace TokenBroker.Tests.Diagnosis;

/// <summary>This host's clock is judged by the servers' dates, and by the life of the tokens that came.</summary>
public class ClockCheckTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, "clock-right")]
    [InlineData(59, "clock-right")]
    [InlineData(-59, "clock-right")]
    [InlineData(60, "clock-off")]
    [InlineData(-899, "clock-off")]
    [InlineData(900, "clock-wrong")]
    [InlineData(-900, "clock-wrong")]
    public void Clock_is_off_from_a_minute_on_and_wrong_from_a_quarter_of_an_hour_on(int seconds, string cause) =>
        Assert.Equal(cause, ClockCheck.Judge([("a", TimeSpan.Zero), ("b", TimeSpan.FromSeconds(seconds))], [], Now).Cause.Code);

    [Theory]
    [InlineData(-1, 1, "clock-right")]
    [InlineData(1, 24, "clock-token")]
    [InlineData(-24, -1, "clock-token")]
    public void New_token_that_is_not_valid_now_tells_of_the_clock(int fromHours, int untilHours, string cause)
    {
        var claims = new TokenClaims(null, null, null, null, null, null, Now.AddHours(fromHours), Now.AddHours(untilHours));

        Assert.Equal(cause, ClockCheck.Judge([("a", TimeSpan.Zero)], [claims], Now).Cause.Code);
    }

    [Fact]
    public void Without_a_date_nothing_is_said_to_be_right() =>
        Assert.Equal("clock-unread", ClockCheck.Judge([], [], Now).Cause.Code);

    [Theory]
    [InlineData(1, "equal")]
    [InlineData(90, "90 s ahead")]
    [InlineData(-1200, "20 min behind")]
    public void Facts_say_which_way_it_is_off(int seconds, string words) =>
        Assert.Equal([KeyValuePair.Create("against storage", words)], ClockCheck.Judge([("storage", TimeSpan.FromSeconds(seconds))], [], Now).Facts);

    [Fact]
    public void Date_of_an_answer_is_read_against_the_clock_of_this_moment()
    {
        var clock = new TestClock();
        var readings = new ClockReadings(clock);
        using var answer = new HttpResponseMessage();
        answer.Headers.Date = clock.GetUtcNow().AddMinutes(5);

        readings.Add("storage", answer);
        readings.Add("nobody", new HttpResponseMessage());

        var (server, ahead) = Assert.Single(readings.All);
        Assert.Equal("storage", server);
        Assert.InRange(ahead, TimeSpan.FromMinutes(-5), TimeSpan.FromMinutes(-5) + TimeSpan.FromSeconds(1));
    }
}
