using TokenBroker.Configuration;
using TokenBroker.Configuration.Reading;
using Xunit;

namespace TokenBroker.Tests.Configuration;

/// <summary>A policy does what its words say, or the start fails.</summary>
public class PolicySettingsTests
{
    private static ConfigurationResult Read(string policy, Dictionary<string, string>? environment = null)
    {
        using var directory = new TokenBroker.TestSupport.TemporaryDirectory();
        var file = Path.Combine(directory.Path, "tokenbroker.json");
        File.WriteAllText(file, $$"""{ "Accounts": { "photos": { "Policy": {{policy}} } } }""");
        return BrokerConfiguration.Read([], file, new ProcessEnvironment(environment ?? []));
    }

    private static PolicyOptions? Good(string policy, Dictionary<string, string>? environment = null)
    {
        var result = Read(policy, environment);
        Assert.Empty(result.Faults);
        return Assert.Single(result.Options!.Accounts).Policy;
    }

    [Fact]
    public void Without_a_rule_there_is_no_policy()
    {
        Assert.Null(Assert.Single(BrokerConfiguration.Read([new("Accounts:photos", "", "--account")], null, ProcessEnvironment.Empty).Options!.Accounts).Policy);
        Assert.Null(Good("""{ "ReadOnly": false }"""));
    }

    [Theory]
    [InlineData("""{ "ReadOnly": true }""", "read+list")]
    [InlineData("""{ "ReadOnly": true, "Operations": ["read"] }""", "read")]
    [InlineData("""{ "Containers": ["logs"] }""", "read+list+create+write+delete+tag+admin")]
    [InlineData("""{ "Operations": ["Create", "LIST"] }""", "list+create")]
    [InlineData("""{ "Operations": ["write"] }""", "create+write")]
    [InlineData("""{ "Operations": ["delegate"] }""", "delegate")]
    public void Rules_come_to_the_operations_that_they_allow(string policy, string words) => Assert.Equal(words, Good(policy)!.Operations.Words());

    [Theory]
    [InlineData("logs-*", "logs-1", true)]
    [InlineData("logs-*", "logs-", true)]
    [InlineData("logs-*", "logsx", false)]
    [InlineData("logs-*", "logs", false)]
    [InlineData("logs-*", "Logs-1", false)]
    [InlineData("logs", "logs", true)]
    [InlineData("logs", "logs2", false)]
    [InlineData("logs", "$logs", false)]
    [InlineData("$root", "$root", true)]
    [InlineData("$*", "$web", true)]
    [InlineData("root*", "$root", false)]
    [InlineData("x*", "y", false)]
    public void Containers_are_named_as_a_whole_or_by_their_beginning(string pattern, string container, bool named) =>
        Assert.Equal(named, Good($$"""{ "Containers": ["{{pattern}}"] }""")!.Names(container));

    [Theory]
    [InlineData("""{ "Operations": ["reed"] }""", "unknown operation; the operations are read, list, create, write, delete, tag, delegate, admin")]
    [InlineData("""{ "Operations": ["unknown"] }""", "unknown operation")]
    [InlineData("""{ "Operations": ["batch"] }""", "unknown operation")]
    [InlineData("""{ "Operations": [] }""", "names no operation")]
    [InlineData("""{ "Containers": [] }""", "names no container")]
    [InlineData("""{ "Containers": ["*"] }""", "write a container's name")]
    [InlineData("""{ "Containers": [""] }""", "write a container's name")]
    [InlineData("""{ "Containers": ["Logs"] }""", "write a container's name")]
    [InlineData("""{ "Containers": ["%24root"] }""", "write a container's name")]
    [InlineData("""{ "Containers": ["a*b"] }""", "write a container's name")]
    [InlineData("""{ "Containers": ["logs-**"] }""", "write a container's name")]
    [InlineData("""{ "Containers": ["c/b"] }""", "write a container's name")]
    [InlineData("""{ "Containers": ["ab"] }""", "write a container's name")]
    [InlineData("""{ "Containers": "logs" }""", "Policy:Containers is a list")]
    [InlineData("""{ "Operations": "read" }""", "Policy:Operations is a list")]
    [InlineData("""{ "ReadOnly": true, "Operations": ["read", "write"] }""", "ReadOnly allows only read and list")]
    [InlineData("""{ "ReadOnly": true, "Operations": ["delegate"] }""", "ReadOnly allows only read and list")]
    [InlineData("""{ "Containers": ["logs"], "Operations": ["read", "delegate"] }""", "gives a key for the whole account")]
    [InlineData("""{ "ReportOnly": true }""", "has no rule to report on")]
    [InlineData("""{ "ReadOnly": "yes" }""", "write true or false")]
    [InlineData("""{ "Readonli": true }""", "did you mean Accounts:photos:Policy:ReadOnly?")]
    [InlineData("{}", "write an object with a rule in it")]
    [InlineData("\"read-only\"", "write an object with a rule in it")]
    public void A_policy_that_would_not_do_what_it_says_is_a_fault(string policy, string words)
    {
        var result = Read(policy);
        Assert.Null(result.Options);
        Assert.Contains(result.Faults, fault => fault.Cure.Contains(words, StringComparison.Ordinal));
    }

    [Fact]
    public void A_list_in_a_later_source_replaces_the_earlier_one_of_that_account_alone()
    {
        var environment = new Dictionary<string, string> { ["TOKENBROKER__Accounts__photos__Policy__Containers__0"] = "three" };
        Assert.Equal(["three"], Good("""{ "Containers": ["one", "two"] }""", environment)!.Containers!);
        environment = new() { ["TOKENBROKER__Accounts__other__Policy__Containers__0"] = "three" };
        Assert.Equal(["one", "two"], Read("""{ "Containers": ["one", "two"] }""", environment).Options!.Accounts.Single(account => account.Name == "photos").Policy!.Containers!);
    }

    [Fact]
    public void A_gap_in_a_list_of_variables_is_a_fault() =>
        Assert.NotEmpty(Read("""{ "ReadOnly": true }""", new() { ["TOKENBROKER__Accounts__photos__Policy__Operations__1"] = "read" }).Faults);
}
