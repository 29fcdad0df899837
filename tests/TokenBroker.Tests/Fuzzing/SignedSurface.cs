using System.Globalization;
using TokenBroker.Configuration;
using TokenBroker.Proxy;
using TokenBroker.Proxy.CallerKey;
using TokenBroker.Tests.Tokens;
using TokenBroker.TestSupport;

namespace TokenBroker.Tests.Fuzzing;

/// <summary>
/// Authorization headers and shared access signatures, through <see cref="CallerSignature"/> with a key. Whatever is accepted was
/// signed with the key as it stands, by texts made independently, and a SAS allows it; what nobody altered is accepted
/// exactly when it should be.
/// </summary>
internal sealed class SignedSurface() : FuzzSurface<SignedCase>("signatures", weight: 1, SignedCases.Any)
{
    private static readonly FuzzedBroker Broker = new(null, KeysOf(SignatureDocument.KeyText), new TestClock());

    private static readonly HashSet<Refusal> BehindTheSignature =
    [
        Refusal.CallerKeyDate, Refusal.CallerKeySasTime, Refusal.CallerKeySasProtocol, Refusal.CallerKeySasAddress, Refusal.CallerKeySasOperation,
        Refusal.CallerKeySasResource, Refusal.CallerKeySasPermission, Refusal.CallerKeySasScope,
    ];

    public static DateTimeOffset Now { get; } = new TestClock().GetUtcNow();

    public override FuzzVerdict Execute(SignedCase one)
    {
        var context = TargetSurface.ContextOf(new("", one.Method, one.Target, "127.0.0.1:11000", one.Headers));
        if (Broker.Steps.Guard.Check(context) is not null || !Broker.Steps.Router.TryRead(one.Method, one.Target, "127.0.0.1:11000", context.Request.Headers, out var request, out _))
            return FuzzVerdict.Unread;
        var refusal = Broker.Steps.Signature.Check(ref request, CallerConnection.Of(context));
        var reading = new SignedReading(one);
        var isAllowed = reading.Header("Authorization") is { } authorization ? IsSigned(reading, authorization) : SasDocument.Allows(reading);
        FuzzViolation.If(refusal is null && !isAllowed, "It is accepted, and should not be.");
        FuzzViolation.If(refusal is not null && isAllowed && !one.IsAltered, $"It is refused as {refusal?.Reason}, and nobody altered it.");
        FuzzViolation.If(refusal is null && SasDocument.MustBeNew(reading) && context.Request.Headers.IfNoneMatch != "*", "It may overwrite.");
        return refusal is null ? FuzzVerdict.Accepted
            : BehindTheSignature.Contains(refusal) || (refusal == Refusal.CallerKeyMismatch && IsCompared(reading)) ? FuzzVerdict.Refused
            : FuzzVerdict.Unread;
    }

    /// <summary>By the key, for exactly this request, and with a date that is near.</summary>
    private static bool IsSigned(SignedReading one, string authorization)
    {
        if (one.Parameter("sig") is not null || one.Parameters.Any(pair => pair.Value.Contains('\n')))
            return false;
        var date = one.Header("x-ms-date") is { Length: > 0 } own ? own.Trim() : one.Header("Date")?.Trim();
        return DateTimeOffset.TryParseExact(date, "R", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            && (time - Now).Duration() <= TimeSpan.FromMinutes(15)
            && authorization.Split(' ', 2) is [var scheme, var rest] && scheme.Equals("SharedKey", StringComparison.OrdinalIgnoreCase)
            && rest == $"acct:{SignatureDocument.Sign(SignatureDocument.SharedKey(one))}";
    }

    /// <summary>A mismatch that is no mere fault of form.</summary>
    private static bool IsCompared(SignedReading one) =>
        CallerSignature.TryDecode((one.Header("Authorization") is { } authorization ? authorization.Split(':')[^1] : one.Parameter("sig")) ?? "", out _);

    private static CallerKeys KeysOf(string text)
    {
        using var directory = new TemporaryDirectory();
        var file = directory.File("caller.key");
        File.WriteAllText(file, text);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead);
        return CallerKeys.TryRead(file, out var keys, out var problem) ? keys : throw new InvalidOperationException(problem);
    }
}
