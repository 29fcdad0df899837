using System.Text.RegularExpressions;
using TokenBroker.Proxy;
using TokenBroker.Tokens.Answers;
using Xunit;

namespace TokenBroker.Tests.Proxy;

public partial class RefusalTests
{
    [Fact]
    public void Every_refusal_is_a_row_of_the_table()
    {
        var fields = typeof(Refusal).GetFields().Where(field => field.FieldType == typeof(Refusal)).Select(field => (Refusal)field.GetValue(null)!);
        Assert.Empty(fields.Except(Refusal.All));
        foreach (var reason in Enum.GetValues<TokenFailureReason>())
            Assert.Contains(Refusal.ForToken(reason), Refusal.All);
    }

    [Fact]
    public void Reasons_are_unique_words_and_sentences_say_something()
    {
        Assert.Equal(Refusal.All.Count, Refusal.All.Select(refusal => refusal.Reason).Distinct().Count());
        foreach (var refusal in Refusal.All)
        {
            Assert.Matches(Words(), refusal.Reason);
            Assert.EndsWith(".", refusal.Sentence, StringComparison.Ordinal);
            // 401 is storage's alone, and a failure of ours is never the client's fault.
            Assert.Contains(refusal.Status, new[] { 400, 403, 405, 408, 411, 413, 500, 503 });
        }
    }

    [Fact]
    public void Token_refusals_carry_their_own_reason() =>
        Assert.Equal("token-throttled", Refusal.ForToken(TokenFailureReason.Throttled).Reason);

    [GeneratedRegex("^[a-z]+(-[a-z]+)*$")]
    private static partial Regex Words();
}
