using System.Net;
using System.Text.RegularExpressions;

namespace TokenBroker.Diagnosis.Checks;

/// <summary>The answer from storage's address. Only one of a few known sentences is kept from its body.</summary>
internal sealed partial record StorageAnswer(HttpStatusCode Status, string? Code, string? RequestId, string? Via, string? Server, string? Tenant, string Detail)
{
    public static StorageAnswer Of(HttpResponseMessage response, string body) => new(
        response.StatusCode, Word(response, "x-ms-error-code"), Word(response, "x-ms-request-id"), Word(response, "Via"), Word(response, "Server"),
        response.Headers.TryGetValues("WWW-Authenticate", out var challenges) && TenantIn().Match(string.Join(' ', challenges)) is { Success: true } tenant
            ? tenant.Groups[1].Value
            : null,
        Sentence().Match(body) is { Success: true } sentence ? sentence.Value : "");

    /// <summary>True if the body of a GET has more information: what is wrong with the token.</summary>
    public static bool NeedsDetail(StorageAnswer answer) =>
        answer.Status == HttpStatusCode.Unauthorized || answer is { Status: HttpStatusCode.Forbidden, Code: "AuthenticationFailed" };

    /// <param name="hasToken">Whether the request carried one.</param>
    public Cause Judge(bool hasToken)
    {
        // Every answer of storage has one; an answer that a web proxy makes does not.
        if (RequestId is null)
            return Cause.ProxyAnswers;
        var cause = hasToken ? OfStorage() : OfStorageWithoutToken();
        return Via is not null && cause.Verdict == Verdict.Ok ? Cause.ProxyPasses : cause;
    }

    private Cause OfStorage() => (Status, Code) switch
    {
        (HttpStatusCode.OK, _) or (HttpStatusCode.NotFound, "ContainerNotFound") => Cause.StorageReadable,
        (HttpStatusCode.Forbidden, "AuthorizationPermissionMismatch" or "InsufficientAccountPermissions") => Cause.StorageNoRole,
        (HttpStatusCode.Forbidden, "AuthorizationFailure") => Cause.StorageNetworkRules,
        (HttpStatusCode.Forbidden, "AccountIsDisabled") => Cause.StorageAccountDisabled,
        (HttpStatusCode.Unauthorized, _) or (HttpStatusCode.Forbidden, "AuthenticationFailed") => OfDetail(),
        _ => OfAnyRequest(),
    };

    /// <summary>What a request without a token shows: that storage is there, and asks for one.</summary>
    private Cause OfStorageWithoutToken() => (Status, Code) switch
    {
        (HttpStatusCode.Unauthorized, _) or (HttpStatusCode.Conflict, "PublicAccessNotPermitted") => Cause.StorageAnswers,
        // Without authorisation, storage answers that the container does not exist.
        (HttpStatusCode.NotFound, "ContainerNotFound" or "ResourceNotFound") => Cause.StorageAnswers,
        (HttpStatusCode.Forbidden, "AuthorizationFailure") => Cause.StorageNetworkRules,
        _ => OfAnyRequest(),
    };

    private Cause OfAnyRequest() => (int)Status switch
    {
        404 => Cause.StorageAccountUnknown,
        500 or 502 or 503 or 504 or 429 => Cause.StorageBusy,
        _ => Cause.StorageUnexpected,
    };

    private Cause OfDetail() => Detail.Split(' ')[0] switch
    {
        "Issuer" => Cause.StorageOtherTenant,
        "Audience" => Cause.StorageAudience,
        "Lifetime" => Cause.StorageTokenExpired,
        _ => Cause.StorageTokenRefused,
    };

    /// <summary>A header's value, reduced to plain text.</summary>
    private static string? Word(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) && string.Join(", ", values) is var value
            ? string.Concat(value.Where(c => char.IsAsciiLetterOrDigit(c) || " .,-_/:()".Contains(c, StringComparison.Ordinal)).Take(60))
            : null;

    [GeneratedRegex("(Issuer|Audience|Lifetime) validation failed", RegexOptions.CultureInvariant)]
    private static partial Regex Sentence();

    [GeneratedRegex("authorization_uri=\"?https://[^/ ]+/([0-9a-fA-F-]{36})/", RegexOptions.CultureInvariant)]
    private static partial Regex TenantIn();
}
