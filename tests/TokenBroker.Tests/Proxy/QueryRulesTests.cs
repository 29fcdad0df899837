using TokenBroker.Proxy;
using TokenBroker.Proxy.Addressing;
using Xunit;

namespace TokenBroker.Tests.Proxy;

public class QueryRulesTests
{
    [Theory]
    [InlineData("")]
    [InlineData("?")]
    [InlineData("?comp=list&restype=container&prefix=a%2Fb")]
    [InlineData("?a&b&c")]
    [InlineData("?&&")]
    [InlineData("?prefix=comp%3Dlist")]
    [InlineData("?where=%22a%22%3D'b'")]
    public void Queries_of_clients_pass(string query) => Assert.Null(QueryRules.Check(BlobQuery.Of(query)));

    [Theory]
    [InlineData("?%63omp=list")]
    [InlineData("?co%6Dp=tags")]
    [InlineData("?a=1&%73ig=x")]
    public void A_parameters_name_may_not_be_encoded(string query) => Assert.Same(Refusal.ParameterEncoded, QueryRules.Check(BlobQuery.Of(query)));

    [Theory]
    [InlineData("?comp=list&comp=tags")]
    [InlineData("?comp=list&x=1&COMP=tags")]
    [InlineData("?a&a")]
    [InlineData("?sig=1&sig=2")]
    public void A_parameter_may_not_be_given_twice(string query) => Assert.Same(Refusal.ParameterRepeated, QueryRules.Check(BlobQuery.Of(query)));

    [Fact]
    public void A_query_has_a_bounded_number_of_parameters()
    {
        string Query(int count) => "?" + string.Join('&', Enumerable.Range(0, count).Select(i => $"p{i}=1"));
        Assert.Null(QueryRules.Check(BlobQuery.Of(Query(QueryRules.MaxParameters))));
        Assert.Same(Refusal.ParametersTooMany, QueryRules.Check(BlobQuery.Of(Query(QueryRules.MaxParameters + 1))));
    }

    [Theory]
    [InlineData("", "", null)]
    [InlineData("?", "?", null)]
    [InlineData("?comp=list&prefix=a%2fb&&x", "?comp=list&prefix=a%2fb&&x", null)]
    [InlineData("?sv=2021-06-08&sig=a%3D", "", "2021-06-08")]
    [InlineData("?sv=2021-06-08&comp=list&sig=x", "?comp=list", "2021-06-08")]
    [InlineData("?comp=list&SIG=x&restype=container", "?comp=list&restype=container", null)]
    [InlineData("?&sig=x&a=1", "?&a=1", null)]
    [InlineData("?a=1&sig", "?a=1", null)]
    [InlineData("?a=%zz&se=1&b=+", "?a=%zz&b=+", null)]
    [InlineData("?signature=1&sigx=2", "?signature=1&sigx=2", null)]
    public void A_SAS_is_cut_out_and_every_other_byte_stays(string query, string kept, string? version)
    {
        Assert.Equal(kept, BlobQuery.Of(query).Sent);
        Assert.Equal(version, BlobQuery.Of(query).SasVersion);
    }

    [Theory]
    [InlineData("?comp=block%6Cist", "blocklist")]
    [InlineData("?x=1&Comp=list", "list")]
    [InlineData("?comp", "")]
    [InlineData("?xcomp=1", null)]
    public void A_value_is_decoded_once(string query, string? value) => Assert.Equal(value, BlobQuery.Of(query)["comp"]);
}
