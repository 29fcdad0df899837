using System.Text.Json.Nodes;
using Xunit;

namespace TokenBroker.EndToEnd.ClientMatrix;

/// <summary>Whether what a client saw on both ways is what the table says.</summary>
internal static class Verdict
{
    public static void Assert(Cell cell, JsonObject direct, JsonObject proxied)
    {
        var both = $"{cell.Client}, {cell.Operation}\ndirectly: {direct.ToJsonString()}\nthrough the sidecar: {proxied.ToJsonString()}";
        switch (cell.Expectation)
        {
            case Expectation.Equal:
                AreEqual();
                Holds(IsSuccess(proxied), "it does not succeed");
                break;
            case ClientRefuses expected:
                AreEqual();
                Holds(!IsSuccess(proxied) && proxied["status"] is null, "the client does not refuse by itself");
                Holds(Text(proxied, "message").Contains(expected.Words, StringComparison.Ordinal), $"the client does not say '{expected.Words}'");
                break;
            case ClientAlters expected:
                var listed = proxied["listed"]?.AsArray().Select(name => name!.GetValue<string>());
                Holds(listed is not null && listed.SequenceEqual([expected.Listed]), $"it is not '{expected.Listed}' that is listed");
                // Some clients sign the name that they were told and send the other: storage takes that for a forgery.
                Holds(JsonNode.DeepEquals(direct, proxied) || Text(direct, "code") is "InvalidAuthenticationInfo" or "AuthorizationFailure", "the results differ");
                break;
            case AzuriteLacks expected:
                AreEqual();
                IsRefusal(proxied, expected.Status, expected.Code, reason: "");
                break;
            case AzuriteKeepsFromBearers expected:
                Holds(IsSuccess(direct), "it does not succeed directly");
                if (expected.Words is { } words)
                    Holds(!IsSuccess(proxied) && Text(proxied, "message").Contains(words, StringComparison.Ordinal), $"the client does not say '{words}'");
                else
                    IsRefusal(proxied, expected.Status, expected.Code, reason: "");
                break;
            case SidecarRefuses expected:
                Holds(IsSuccess(direct) || Text(direct, "reason").Length == 0, "the direct way leads through a sidecar");
                IsRefusal(proxied, expected.Status, expected.Code, expected.Reason);
                break;
            case SucceedsAlone expected:
                var result = JsonNode.Parse(expected.Result)!.AsObject();
                result["ok"] = true;
                Holds(!IsSuccess(direct), $"it succeeds directly, although {expected.Why}: expect the same of both ways");
                Holds(JsonNode.DeepEquals(result, proxied), $"it is not {expected.Result}");
                break;
            default:
                Holds(false, "the table has no such test");
                break;
        }

        void AreEqual() => Holds(JsonNode.DeepEquals(direct, proxied), "the results differ");

        void IsRefusal(JsonObject seen, int status, string code, string reason) => Holds(
            !IsSuccess(seen) && seen["status"]?.GetValue<int>() == status && Text(seen, "code") == code && Text(seen, "reason") == reason,
            $"the refusal is not {status} {code} {reason}");

        void Holds(bool condition, string otherwise) => Xunit.Assert.True(condition, $"{otherwise}: {both}");
    }

    /// <summary>What was read back must be what was written, too: a driver says so by <c>same</c>.</summary>
    internal static bool IsSuccess(JsonObject result) =>
        result["ok"]?.GetValue<bool>() == true && IsTrueThroughout(result["same"]);

    private static bool IsTrueThroughout(JsonNode? same) => same switch
    {
        null => true,
        JsonArray many => many.All(IsTrueThroughout),
        JsonObject named => named.All(pair => IsTrueThroughout(pair.Value)),
        _ => same.GetValue<bool>(),
    };

    private static string Text(JsonObject result, string property) => result[property]?.GetValue<string>() ?? "";
}
