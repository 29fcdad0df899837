using System.Text;
using TokenBroker.Tokens;
using Xunit;

namespace TokenBroker.Tests.Tokens;

public class TokenAnswerReaderTests
{
    private readonly TestClock _clock = new();

    private long Epoch(double secondsAhead) => _clock.GetUtcNow().AddSeconds(secondsAhead).ToUnixTimeSeconds();

    private TokenAnswer Read(string json) => TokenAnswerReader.Read(Encoding.UTF8.GetBytes(json), _clock.GetUtcNow(), _clock);

    private double? Life(string json) => Read(json).Token?.Lifetime.TotalSeconds;

    [Fact]
    public void Every_form_of_the_expiry_is_read()
    {
        Assert.Equal(3600, Life($$"""{"access_token":"t","expires_on":"{{Epoch(3600)}}","expires_in":"3600"}"""));
        Assert.Equal(3600, Life($$"""{"access_token":"t","expires_on":{{Epoch(3600)}}}"""));
        Assert.Equal(3600, Life("""{"access_token":"t","expires_in":3600}"""));
        Assert.Equal(3600, Life("""{"access_token":"t","expires_on":"2026-01-01T01:00:00Z"}"""));
        Assert.Equal(3600, Life("""{"access_token":"t","expires_on":"2026-01-01T02:00:00+01:00"}"""));
        Assert.Equal(46800, Life("""{"access_token":"t","expires_on":"1/1/2026 13:00:00 PM +00:00"}"""));
    }

    [Theory]
    [InlineData("1/1/2026 1:00:00 PM +00:00", 13 * 3600)]
    [InlineData("1/1/2026 12:30:00 PM +00:00", 12 * 3600 + 1800)]
    [InlineData("1/1/2026 12:30:00 AM +00:00", 1800)]
    [InlineData("1/1/2026 1:00:00 AM +00:00", 3600)]
    [InlineData("1/1/2026 00:30:00 PM +00:00", 1800)]
    [InlineData("1/1/2026 23:00:00 PM +00:00", 23 * 3600)]
    public void A_twelve_hour_clock_is_read_with_its_mark_and_a_needless_mark_means_nothing(string expiry, int life) =>
        Assert.Equal(life, Life($$"""{"access_token":"t","expires_on":"{{expiry}}"}"""));

    [Fact]
    public void A_clock_set_back_grants_no_longer_life_than_expires_in()
    {
        _clock.JumpWall(TimeSpan.FromHours(-5));
        Assert.Equal(3600, Life($$"""{"access_token":"t","expires_on":"{{Epoch(6 * 3600)}}","expires_in":"3600"}"""));
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"access_token":"t","expires_in":"3600" """)]
    [InlineData("""{"expires_in":"3600"}""")]
    [InlineData("""{"access_token":"","expires_in":"3600"}""")]
    [InlineData("""{"access_token":null,"expires_in":"3600"}""")]
    [InlineData("""{"access_token":"a b","expires_in":"3600"}""")]
    [InlineData("""{"access_token":"a\r\nX: y","expires_in":"3600"}""")]
    [InlineData("""{"access_token":"ä","expires_in":"3600"}""")]
    [InlineData("""{"access_token":"t"}""")]
    [InlineData("""{"access_token":"t","expires_in":"soon"}""")]
    [InlineData("""{"access_token":"t","expires_in":"0"}""")]
    [InlineData("""{"access_token":"t","expires_in":"-5"}""")]
    [InlineData("""{"access_token":"t","expires_on":"1506484173"}""")]
    [InlineData("""{"access_token":"t","expires_on":"99999999999999"}""")]
    [InlineData("""{"access_token":"t","expires_in":"99999999999999"}""")]
    [InlineData("""{"access_token":"t","expires_in":1e300}""")]
    [InlineData("""{"access_token":{"a":1},"expires_in":"3600"}""")]
    public void What_is_no_usable_token_is_an_invalid_answer(string json)
    {
        var answer = Read(json);
        Assert.Null(answer.Token);
        Assert.Equal(TokenFailureReason.InvalidAnswer, answer.Failure!.Reason);
    }
}
