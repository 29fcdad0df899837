using System.Globalization;
using System.Text;
using CsCheck;
using TokenBroker.Tokens;
using Xunit;

namespace TokenBroker.Tests.Tokens;

/// <summary>Whatever comes back from the endpoint: it never throws, and what is accepted is a token that can be used.</summary>
public class TokenAnswerReaderPropertyTests
{
    private static readonly TimeSpan Month = TimeSpan.FromDays(31);

    private static readonly Gen<string> Value = Gen.OneOf(
        Gen.Double.Select(number => number.ToString("R", CultureInfo.InvariantCulture)),
        Gen.Long.Select(number => number.ToString(CultureInfo.InvariantCulture)),
        Gen.Long[0, 4_000_000_000].Select(number => $"\"{number}\""),
        Gen.Long[1_767_225_600 - 100, 1_767_225_600 + 3_000_000].Select(number => $"\"{number}\""),
        Gen.Int[-10, 90_000].Select(number => $"\"{number}\""),
        Gen.DateTime.Select(date => $"\"{date.ToString("o", CultureInfo.InvariantCulture)}\""),
        Gen.String[Gen.Char["0123456789-+.:eETZ/ APMN"], 0, 24].Select(text => $"\"{text}\""),
        Gen.String[Gen.Char['!', '~'], 0, 40].Select(Quoted),
        Gen.String.Select(Quoted),
        Gen.OneOf("\"Infinity\"", "\"-Infinity\"", "\"NaN\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "null", "true", "[]", "{}",
            "1e999", "-1e999", "\"9999-12-31T23:59:59Z\"", "\"0001-01-01T00:00:00+14:00\"", "\"12/31/9999 23:59:59 PM -12:00\""));

    private static readonly Gen<string> Name = Gen.OneOf(
        "access_token", "access_token", "expires_in", "expires_on", "expires_in", "expires_on", "token_type", "\\ud800", "access\\u005ftoken");

    private static readonly Gen<string> Json = Gen.Select(Name, Value).Array[0, 6].Select(
        members => "{" + string.Join(',', members.Select(member => $"\"{member.Item1}\":{member.Item2}")) + "}");

    private static readonly Gen<TimeSpan> WallError = Gen.OneOf(
        Gen.Const(TimeSpan.Zero), Gen.Double[-1e9, 1e9].Select(TimeSpan.FromSeconds), Gen.Double[-1e5, 1e5].Select(TimeSpan.FromSeconds));

    [Fact]
    public void No_object_makes_it_throw_and_what_it_accepts_is_usable() =>
        Gen.Select(Json, WallError).Sample((json, error) => Check(Encoding.UTF8.GetBytes(json), error), iter: 20_000);

    [Fact]
    public void No_bytes_make_it_throw() =>
        Gen.Select(Gen.Byte.Array, WallError).Sample(Check, iter: 5_000);

    [Fact]
    public void No_truncated_or_altered_answer_makes_it_throw() =>
        Gen.Select(Json, Gen.Int[0, 200], Gen.Int[0, 200], Gen.Byte).Sample((json, length, at, other) =>
        {
            var bytes = Encoding.UTF8.GetBytes(json);
            if (bytes.Length > 0)
                bytes[at % bytes.Length] = other;
            Check(bytes[..Math.Min(length, bytes.Length)], TimeSpan.Zero);
        }, iter: 10_000);

    [Fact]
    public void The_generated_answers_are_of_both_kinds()
    {
        var (accepted, refused) = (0, 0);
        var clock = new TestClock();
        Json.Sample(json =>
        {
            var answer = TokenAnswerReader.Read(Encoding.UTF8.GetBytes(json), clock.GetUtcNow(), clock);
            _ = answer.Token is null ? Interlocked.Increment(ref refused) : Interlocked.Increment(ref accepted);
        }, iter: 20_000);
        Assert.InRange(accepted, 100, 20_000);
        Assert.InRange(refused, 100, 20_000);
    }

    private static void Check(byte[] json, TimeSpan wallError)
    {
        var clock = new TestClock();
        clock.JumpWall(wallError);
        var answer = TokenAnswerReader.Read(json, clock.GetUtcNow(), clock);
        if (answer.Token is not { } token)
        {
            Assert.Equal(TokenFailureReason.InvalidAnswer, answer.Failure!.Reason);
            return;
        }

        Assert.Null(answer.Failure);
        Assert.True(token.IsUsable(clock));
        Assert.InRange(token.Remaining(clock), TimeSpan.FromTicks(1), Month);
        Assert.InRange(token.Lifetime, TimeSpan.FromTicks(1), Month);
        Assert.StartsWith("Bearer ", token.HeaderValue, StringComparison.Ordinal);
        Assert.NotEmpty(token.HeaderValue[7..]);
        Assert.All(token.HeaderValue[7..], character => Assert.InRange(character, '!', '~'));
    }

    private static string Quoted(string text) => System.Text.Json.JsonSerializer.Serialize(text);
}
