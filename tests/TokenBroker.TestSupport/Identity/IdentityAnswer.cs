using System.Text;
using System.Text.Json;

namespace TokenBroker.TestSupport.Identity;

/// <summary>What an identity endpoint answers.</summary>
public sealed record IdentityAnswer(int Status, byte[] Body)
{
    /// <summary>What every error's body holds, so that a test can look for it where no body may be.</summary>
    public const string BodyMark = "body-of-an-error-that-nobody-may-print";

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Nothing is answered before this task ends.</summary>
    public Task Until { get; init; } = Task.CompletedTask;

    public static IdentityAnswer Json(int status, IReadOnlyDictionary<string, object> body) =>
        new(status, JsonSerializer.SerializeToUtf8Bytes(body)) { Headers = new Dictionary<string, string> { ["Content-Type"] = "application/json" } };

    public static IdentityAnswer Error(int status, string code = "unknown") =>
        Json(status, new Dictionary<string, object> { ["error"] = code, ["error_description"] = BodyMark, ["message"] = BodyMark });

    /// <summary>200 with what is no answer at all.</summary>
    public static IdentityAnswer Garbage { get; } = new(200, Encoding.UTF8.GetBytes($"<html>{BodyMark}</html>"));

    /// <summary>Held until the endpoint is disposed of.</summary>
    public static IdentityAnswer Hang { get; } = new(200, []) { Until = new TaskCompletionSource().Task };
}
