using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;
using TokenBroker.Tests.Tokens;
using TokenBroker.Tokens.Answers;
using TokenBroker.Tokens.Sources;

namespace TokenBroker.Tests.Fuzzing;

/// <summary>What the identity endpoint, or somebody in its place, answers.</summary>
/// <param name="Body">The answer's bytes, each a character.</param>
/// <param name="WallError">How far this host's clock is off, in seconds.</param>
internal sealed record AnswerCase(string Body, double WallError);

/// <summary>Whatever comes back from the endpoint: it never throws, and what is accepted is a token that can be used.</summary>
internal sealed class AnswerSurface() : FuzzSurface<AnswerCase>("answers", weight: 3, Answers)
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

    private static readonly Gen<string> Member = Gen.OneOf(
        "access_token", "access_token", "expires_in", "expires_on", "expires_in", "expires_on", "token_type", "\\ud800", "access\\u005ftoken");

    private static readonly Gen<string> Json = Gen.Select(Member, Value).Array[0, 6].Select(
        members => Latin("{" + string.Join(',', members.Select(member => $"\"{member.Item1}\":{member.Item2}")) + "}"));

    /// <summary>As the platforms write it, but for one member.</summary>
    private static readonly Gen<string> Likely = Gen.Select(
        Gen.Frequency((4, Gen.String[Gen.Char['!', '~'], 1, 40]), (1, Gen.String[Gen.Char['\0', '\x80'], 0, 6])).Select(Quoted), Gen.OneOf("expires_in", "expires_on"), Gen.Long[1_767_225_600 - 100, 1_767_225_600 + 3_000_000], Member, Value,
        (token, name, expiry, further, value) =>
            Latin($"{{\"access_token\":{token},\"{name}\":\"{(name == "expires_in" ? expiry - 1_767_225_600 : expiry)}\",\"{(further == "access_token" ? "resource" : further)}\":{value}}}"));

    private static readonly Gen<string> Altered = Gen.Select(Json, Gen.Int[0, 200], Gen.Int[0, 200], Gen.Char['\0', '\xff'], (json, length, at, other) =>
    {
        var bytes = json.ToCharArray();
        bytes[at % bytes.Length] = other; // never empty
        return new string(bytes, 0, Math.Min(length, bytes.Length));
    });

    private static readonly Gen<double> WallErrors = Gen.OneOf(Gen.Const(0.0), Gen.Double[-1e9, 1e9], Gen.Double[-1e5, 1e5]);

    private static Gen<AnswerCase> Answers { get; } = Gen.Select(
        Gen.Frequency((3, Json), (3, Likely), (2, Altered), (1, Gen.String[Gen.Char['\0', '\xff'], 0, 60])), WallErrors, (body, error) => new AnswerCase(body, error));

    public override FuzzVerdict Execute(AnswerCase one)
    {
        var clock = new TestClock();
        clock.JumpWall(TimeSpan.FromSeconds(one.WallError));
        var answer = TokenAnswerReader.Read(Encoding.Latin1.GetBytes(one.Body), clock.GetUtcNow(), clock);
        if (answer.Token is not { } token)
        {
            FuzzViolation.If(answer.Failure!.Reason != TokenFailureReason.InvalidAnswer, $"It is refused as {answer.Failure}.");
            return answer.Failure.Detail!.Contains("JSON", StringComparison.Ordinal) ? FuzzVerdict.Unread : FuzzVerdict.Refused;
        }

        FuzzViolation.If(answer.Failure is not null, "It is accepted and refused.");
        FuzzViolation.If(!token.IsUsable(clock), "It cannot be used.");
        FuzzViolation.If(token.Remaining(clock) <= TimeSpan.Zero || token.Remaining(clock) > Month, $"It has {token.Remaining(clock)} left.");
        FuzzViolation.If(token.Lifetime <= TimeSpan.Zero || token.Lifetime > Month, $"It lives for {token.Lifetime}.");
        FuzzViolation.If(!token.HeaderValue.StartsWith("Bearer ", StringComparison.Ordinal) || token.HeaderValue.Length == 7
            || token.HeaderValue[7..].Any(character => character is < '!' or > '~'), "No header can carry it.");
        return FuzzVerdict.Accepted;
    }

    private static string Quoted(string text) => JsonSerializer.Serialize(text);

    private static string Latin(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));
}
