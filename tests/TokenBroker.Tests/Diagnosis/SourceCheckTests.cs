using TokenBroker.Configuration;
using TokenBroker.Diagnosis;
using TokenBroker.Diagnosis.Checks;
using TokenBroker.Tokens.Sources;
using Xunit;

namespace TokenBroker.Tests.Diagnosis;

/// <summary>Variables that divert the source, or look as if they did, are named; those of a platform that works are not.</summary>
public class SourceCheckTests
{
    private static readonly Uri Endpoint = new("http://127.0.0.1:1");

    [Fact]
    public void Nothing_set_is_nothing_to_say() => Assert.Equal("source-found", Judge([], hasToken: true).Cause.Code);

    [Fact]
    public void Platforms_variables_are_right_while_they_give_tokens_and_suspect_when_not()
    {
        string[] variables = ["IDENTITY_ENDPOINT", "IDENTITY_HEADER", "MSI_SECRET"];

        Assert.Equal("source-found", Judge(variables, hasToken: true).Cause.Code);
        var diverted = Judge(variables, hasToken: false);
        Assert.Equal("source-diverted", diverted.Cause.Code);
        Assert.Contains(KeyValuePair.Create("because", "IDENTITY_ENDPOINT and IDENTITY_HEADER are set"), diverted.Facts);
    }

    [Fact]
    public void Moved_metadata_endpoint_is_suspect_too_when_it_gives_no_token() =>
        Assert.Equal("source-diverted", Judge(["AZURE_POD_IDENTITY_AUTHORITY_HOST"], hasToken: false, Endpoint).Cause.Code);

    [Theory]
    [InlineData("AZURE_CLIENT_ID")]
    [InlineData("IDENTITY_ENDPOINT")]
    [InlineData("IDENTITY_HEADER")]
    [InlineData("MSI_SECRET")]
    [InlineData("AZURE_FEDERATED_TOKEN_FILE")]
    public void Variable_that_decides_nothing_is_a_warning(string variable)
    {
        var finding = Judge([variable], hasToken: true);

        Assert.Equal("source-variables-unread", finding.Cause.Code);
        Assert.Contains(KeyValuePair.Create("set and not read", variable), finding.Facts);
    }

    [Fact]
    public void Option_wins_over_variables_and_nobody_needs_to_be_told() =>
        Assert.Equal("source-found", Judge(["IDENTITY_ENDPOINT", "IDENTITY_HEADER"], hasToken: true, Endpoint).Cause.Code);

    [Fact]
    public void Named_identity_needs_no_variable() =>
        Assert.Equal("source-found", Judge(["AZURE_CLIENT_ID"], hasToken: true, identity: new(IdentityKind.ObjectId, "x")).Cause.Code);

    private static Finding Judge(string[] variables, bool hasToken, Uri? endpoint = null, IdentitySelector? identity = null)
    {
        var environment = new ProcessEnvironment(variables.Select(name => KeyValuePair.Create(name, "http://127.0.0.1:1")));
        var options = new BrokerOptions { Accounts = [], Tokens = new() { MetadataEndpoint = endpoint } };
        var selection = TokenSourceSelection.Choose(identity ?? IdentitySelector.System, endpoint, environment);
        return SourceCheck.Judge("system", identity ?? IdentitySelector.System, selection, options, environment, hasToken);
    }
}
