using System.Net;
using System.Text;
using TokenBroker.Diagnosis.Checks;
using Xunit;

namespace TokenBroker.Tests.Diagnosis;

/// <summary>Every answer from storage's address names one cause.</summary>
public class StorageAnswerTests
{
    private const string Tenant = "11111111-2222-3333-4444-555555555555";

    [Theory]
    [InlineData(200, null, "", "storage-readable")]
    [InlineData(404, "ContainerNotFound", "", "storage-readable")]
    [InlineData(404, "ResourceNotFound", "", "storage-account-unknown")]
    [InlineData(404, null, "", "storage-account-unknown")]
    [InlineData(403, "AuthorizationPermissionMismatch", "", "storage-no-role")]
    [InlineData(403, "InsufficientAccountPermissions", "", "storage-no-role")]
    [InlineData(403, "AuthorizationFailure", "", "storage-network-rules")]
    [InlineData(403, "AccountIsDisabled", "", "storage-account-disabled")]
    [InlineData(401, "InvalidAuthenticationInfo", "Issuer validation failed. Issuer did not match.", "storage-other-tenant")]
    [InlineData(401, "InvalidAuthenticationInfo", "Audience validation failed. Audience did not match.", "storage-audience")]
    [InlineData(401, "InvalidAuthenticationInfo", "Lifetime validation failed. The token is expired.", "storage-token-expired")]
    [InlineData(403, "AuthenticationFailed", "Lifetime validation failed. The token is expired.", "storage-token-expired")]
    [InlineData(401, "InvalidAuthenticationInfo", "", "storage-token-refused")]
    [InlineData(503, "ServerBusy", "", "storage-busy")]
    [InlineData(500, "InternalError", "", "storage-busy")]
    [InlineData(400, "AccountRequiresHttps", "", "storage-unexpected")]
    public void With_a_token(int status, string? code, string detail, string cause) =>
        Assert.Equal(cause, Answer(status, code, detail).Judge(hasToken: true).Code);

    [Theory]
    [InlineData(401, "NoAuthenticationInformation", "storage-answers")]
    [InlineData(409, "PublicAccessNotPermitted", "storage-answers")]
    [InlineData(404, "ResourceNotFound", "storage-answers")]
    [InlineData(403, "AuthorizationFailure", "storage-network-rules")]
    [InlineData(503, "ServerBusy", "storage-busy")]
    [InlineData(400, "OutOfRangeInput", "storage-unexpected")]
    public void Without_a_token(int status, string code, string cause) =>
        Assert.Equal(cause, Answer(status, code, "").Judge(hasToken: false).Code);

    [Theory]
    [InlineData(200)]
    [InlineData(302)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(407)]
    [InlineData(502)]
    public void Answer_without_storages_headers_is_somebody_elses(int status)
    {
        using var response = new HttpResponseMessage((HttpStatusCode)status);
        response.Headers.TryAddWithoutValidation("Server", "squid/6.6");

        var answer = StorageAnswer.Of(response, "<html>");

        Assert.Equal(("proxy-answers", "squid/6.6"), (answer.Judge(hasToken: true).Code, answer.Server));
        Assert.Equal("proxy-answers", answer.Judge(hasToken: false).Code);
    }

    [Fact]
    public void Storages_answer_that_came_through_a_proxy_is_a_warning_and_no_excuse()
    {
        using var good = Response(404, "ContainerNotFound");
        using var bad = Response(403, "AuthorizationPermissionMismatch");
        foreach (var response in new[] { good, bad })
            response.Headers.TryAddWithoutValidation("Via", "1.1 proxy.corp (squid/6.6)");

        Assert.Equal("proxy-passes", StorageAnswer.Of(good, "").Judge(hasToken: true).Code);
        Assert.Equal("storage-no-role", StorageAnswer.Of(bad, "").Judge(hasToken: true).Code);
    }

    [Theory]
    [InlineData(401, "InvalidAuthenticationInfo", true)]
    [InlineData(403, "AuthenticationFailed", true)]
    [InlineData(403, "AuthorizationPermissionMismatch", false)]
    [InlineData(404, "ContainerNotFound", false)]
    public void What_is_wrong_with_a_token_stands_in_a_body_alone(int status, string code, bool needed) =>
        Assert.Equal(needed, StorageAnswer.NeedsDetail(Answer(status, code, "")));

    [Fact]
    public void Tenant_of_the_account_is_in_its_challenge()
    {
        using var response = Response(401, "InvalidAuthenticationInfo");
        response.Headers.TryAddWithoutValidation("WWW-Authenticate",
            $"Bearer authorization_uri=https://login.microsoftonline.com/{Tenant}/oauth2/authorize resource_id=https://storage.azure.com");

        Assert.Equal(Tenant, StorageAnswer.Of(response, "").Tenant);
    }

    [Fact]
    public void Nothing_else_of_an_answer_is_kept()
    {
        using var response = Response(401, "In\u001b[31mvalid\"<script>" + new string('x', 500));

        var answer = StorageAnswer.Of(response, "Issuer validation failed for eyJ.secret.part");

        Assert.DoesNotContain("secret", answer.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', answer.Code!);
        Assert.True(answer.Code!.Length <= 60);
    }

    private static StorageAnswer Answer(int status, string? code, string detail)
    {
        using var response = Response(status, code);
        return StorageAnswer.Of(response, $"<Error><AuthenticationErrorDetail>{detail}</AuthenticationErrorDetail></Error>");
    }

    private static HttpResponseMessage Response(int status, string? code)
    {
        var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes("")) };
        response.Headers.TryAddWithoutValidation("x-ms-request-id", "8f3a1d1c-001e-0000-0000-000000000000");
        if (code is not null)
            response.Headers.TryAddWithoutValidation("x-ms-error-code", code);
        return response;
    }
}
