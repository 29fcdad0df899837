using System.Buffers.Text;
using System.Text;
using TokenBroker.Diagnosis.Checks;
using TokenBroker.Tokens.Answers;
using Xunit;

namespace TokenBroker.Tests.Diagnosis;

/// <summary>A token's claims are read where it has any; whatever else it is, nothing breaks.</summary>
public class TokenClaimsTests
{
    [Fact]
    public void Claims_of_a_managed_identitys_token_are_read()
    {
        var claims = Read("""{"aud":"https://storage.azure.com/","iss":"https://sts.windows.net/t/","tid":"t","oid":"o","appid":"a","xms_mirid":"/subscriptions/x","nbf":1500000000,"exp":1600000000}""")!;

        Assert.Equal(
            new("https://storage.azure.com/", "https://sts.windows.net/t/", "t", "o", "a", "/subscriptions/x",
                DateTimeOffset.FromUnixTimeSeconds(1500000000), DateTimeOffset.FromUnixTimeSeconds(1600000000)),
            claims);
        Assert.True(claims.IsForStorage);
    }

    [Theory]
    [InlineData("https://storage.azure.com", true)]
    [InlineData("e406a681-f3d4-42a8-90b6-c2b029497af1", true)]
    [InlineData("https://photos.blob.core.windows.net", true)]
    [InlineData("https://management.azure.com/", false)]
    [InlineData("", false)]
    public void Audience_is_storages_or_it_is_not(string audience, bool expected) =>
        Assert.Equal(expected, Read($$"""{"aud":"{{audience}}"}""")!.IsForStorage);

    [Fact]
    public void Control_characters_of_a_claim_reach_no_terminal() =>
        Assert.Equal("[31mred", Read("""{"oid":"\u001b[31mred"}""")!.ObjectId);

    [Theory]
    [InlineData("opaque")]
    [InlineData("a.b.c")]
    [InlineData("a.b")]
    [InlineData("..")]
    [InlineData("a.W10.c")]
    [InlineData("a.bnVsbA.c")]
    public void What_is_no_JWT_has_no_claims(string token) => Assert.Null(TokenClaims.Read(Token(token)));

    [Fact]
    public void Claims_of_other_kinds_are_left_out()
    {
        var claims = Read("""{"aud":["a"],"exp":"soon","nbf":-1,"oid":5}""")!;

        Assert.Equal(new(null, null, null, null, null, null, null, null), claims);
    }

    private static TokenClaims? Read(string payload) => TokenClaims.Read(Token($"e30.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload))}.c2ln"));

    private static BearerToken Token(string value) =>
        new(value, TimeProvider.System.GetUtcNow().AddHours(1), TimeSpan.FromHours(1), TimeProvider.System);
}
