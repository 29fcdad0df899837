using System.Text;
using TokenBroker.Tokens.Answers;
using TokenBroker.Tokens.Sources;
using Xunit;

namespace TokenBroker.Tests.Tokens;

public class TokenAnswerReaderTests
{
    private readonly TestClock _clock = new();

    private long Epoch(double secondsAhead) => _clock.GetUtcNow().AddSeconds(secondsAhead).ToUnixTimeSeconds();

    private TokenAnswer Read(string json) => TokenAnswerReader.Read(Encoding.UTF8.GetBytes(json), _clock.GetUtcNow(), _clock);

    private double? Life(string json) => Read(json).Token?.Lifetime.TotalSeconds;

    /// <summary>
    /// The clock shows 2026-01-01 00:00:00 UTC, which is 1767225600; what is read is a life of an hour, unless another is
    /// named. Either member may have either form, as the platforms mix them up.
    /// </summary>
    [Theory]
    [InlineData("\"1767229200\"")]
    [InlineData("1767229200")]
    [InlineData("\" 1767229200\\n\"")]
    [InlineData("\"+1767229200\"")]
    [InlineData("1767229200.0")]
    [InlineData("\"1767229200.75\"", 3600.75)]
    [InlineData("1.7672292e9")]
    [InlineData("\"1.7672292E+9\"")]
    [InlineData("1767229200000")]
    [InlineData("\"1767229200500\"", 3600.5)]
    [InlineData("3600")]
    [InlineData("\"3600\"")]
    [InlineData("3600.0")]
    [InlineData("\"3599.5\"", 3599.5)]
    [InlineData("3.6e3")]
    [InlineData("\"2026-01-01T01:00:00Z\"")]
    [InlineData("\"2026-01-01T01:00:00z\"")]
    [InlineData("\"2026-01-01t01:00:00.1234567Z\"")]
    [InlineData("\"2026-01-01T01:00Z\"")]
    [InlineData("\"2026-01-01T02:00:00+01:00\"")]
    [InlineData("\"2025-12-31T20:00:00-0500\"")]
    [InlineData("\"2026-01-01 01:00:00 +00:00\"")]
    [InlineData("\"2026-01-01 01:00:00.000000\"")]
    [InlineData("\"2026-01-01T01:00:00\"")]
    [InlineData("\"2026-01-01 01:00:00 UTC\"")]
    [InlineData("\"Thu, 01 Jan 2026 01:00:00 GMT\"")]
    [InlineData("\"1/1/2026 1:00:00 AM +00:00\"")]
    [InlineData("\"01/01/2026 01:00:00 +00:00\"")]
    [InlineData("\"1/1/2026 1:00 am\"")]
    [InlineData("\"1/1/2026 1:00:00 PM +00:00\"", 13 * 3600)]
    [InlineData("\"1/1/2026 12:30:00 PM +00:00\"", 12 * 3600 + 1800)]
    [InlineData("\"1/1/2026 12:30:00 AM +00:00\"", 1800)]
    [InlineData("\"1/1/2026 00:30:00 PM +00:00\"", 1800)]
    [InlineData("\"1/1/2026 13:00:00 PM +00:00\"", 13 * 3600)]
    [InlineData("\"1/1/2026 23:00:00 +00:00\"", 23 * 3600)]
    [InlineData("\"1/2/2026 00:00:00 PM +00:00\"", 24 * 3600)]
    public void Each_form_of_the_expiry_is_read_in_either_member(string value, double life = 3600)
    {
        Assert.Equal(life, Life($$"""{"access_token":"t","expires_on":{{value}}}"""));
        Assert.Equal(life, Life($$"""{"access_token":"t","expires_in":{{value}},"ext_expires_in":1}"""));
    }

    [Theory]
    [InlineData("\"\"")]
    [InlineData("null")]
    [InlineData("true")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("\"soon\"")]
    [InlineData("\"NaN\"")]
    [InlineData("\"Infinity\"")]
    [InlineData("1e999")]
    [InlineData("0")]
    [InlineData("\"-3600\"")]
    [InlineData("\"3,600\"")]
    [InlineData("\"3 600\"")]
    [InlineData("\"0xE10\"")]
    [InlineData("\"PT1H\"")]
    [InlineData("\"01:00:00\"")]
    [InlineData("\"2026-01-01\"")]
    [InlineData("\"2026-13-01T01:00:00Z\"")]
    [InlineData("\"2026-02-30T01:00:00Z\"")]
    [InlineData("\"31/1/2026 1:00:00 AM +00:00\"")]
    [InlineData("\"1/1/26 1:00:00 AM +00:00\"")]
    [InlineData("\"1/1/2026 1:00:00 AM Pacific\"")]
    [InlineData("\"1767229200000000\"")]
    [InlineData("\"638000000000000000\"")]
    public void What_has_no_one_meaning_is_no_expiry_and_leaves_the_decision_to_the_other_member(string value)
    {
        foreach (var (name, other) in new[] { ("expires_on", "expires_in"), ("expires_in", "expires_on") })
        {
            Assert.Equal("neither expires_on nor expires_in is a positive number of seconds or a date",
                Read($$"""{"access_token":"t","{{name}}":{{value}}}""").Failure!.Detail);
            Assert.Equal(3600, Life($$"""{"access_token":"t","{{name}}":{{value}},"{{other}}":"3600"}"""));
            Assert.Equal(3600, Life($$"""{"access_token":"t","{{other}}":{{Epoch(3600)}},"{{name}}":{{value}}}"""));
        }
    }

    [Theory]
    [InlineData(3600, 7200, 3600)]
    [InlineData(7200, 3600, 3600)]
    [InlineData(3600, 86400, 3600)]
    [InlineData(3600, 1e8, 3600)]
    public void Of_two_that_contradict_each_other_the_earlier_counts(double on, double life, double shorter)
    {
        Assert.Equal(shorter, Life($$"""{"access_token":"t","expires_on":"{{Epoch(on)}}","expires_in":"{{life}}"}"""));
        Assert.Equal(shorter, Life($$"""{"access_token":"t","expires_in":"{{life}}","expires_on":"{{Epoch(on)}}"}"""));
        Assert.Equal(shorter, Life($$"""{"access_token":"t","expires_in":"{{life}}","expires_on":"{{on}}"}"""));
    }

    [Fact]
    public void A_byte_order_mark_is_passed_over_and_another_encoding_is_not_JSON()
    {
        const string Json = """{"access_token":"t","expires_in":"3600"}""";
        Assert.Equal(3600, Life("\uFEFF" + Json));
        foreach (var encoding in new[] { Encoding.Unicode, Encoding.BigEndianUnicode, Encoding.UTF32 })
        {
            var answer = TokenAnswerReader.Read(encoding.GetBytes("\uFEFF" + Json), _clock.GetUtcNow(), _clock);
            Assert.Equal("the answer is not JSON in UTF-8", answer.Failure!.Detail);
        }
    }

    [Fact]
    public void A_byte_order_mark_does_not_hide_the_code_of_an_error() =>
        Assert.Equal("invalid_request", TokenErrorCode.Read(Encoding.UTF8.GetBytes("\uFEFF{\"error\":\"invalid_request\"}")));

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
    [InlineData("""{"access_token":12345,"expires_in":"3600"}""")]
    [InlineData("""{"access_token":"a b","expires_in":"3600"}""")]
    [InlineData("""{"access_token":"a\r\nX: y","expires_in":"3600"}""")]
    [InlineData("""{"access_token":"ä","expires_in":"3600"}""")]
    [InlineData("""{"access_token":"t"}""")]
    [InlineData("""{"access_token":"t","expires_in":"soon"}""")]
    [InlineData("""{"access_token":"t","expires_in":"0"}""")]
    [InlineData("""{"access_token":"t","expires_in":"-5"}""")]
    [InlineData("""{"access_token":"t","expires_on":"1506484173"}""")]
    [InlineData("""{"access_token":"t","expires_on":"99999999999999"}""")]
    [InlineData("""{"access_token":"t","expires_on":"31536000"}""")]
    [InlineData("""{"access_token":"t","expires_on":NaN}""")]
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
