using Xunit;

namespace TokenBroker.Tests.Functional;

/// <summary>The response headers that a SAS asks for, which storage would set for the SAS that it no longer sees.</summary>
public class ResponseOverrideTests
{
    private const string Sas = "sv=2021-06-08&sr=b&sp=r&sig=abc";

    [Fact]
    public async Task They_replace_storages_own_on_a_read()
    {
        await using var broker = await RunningBroker.StartAsync();

        var answer = await broker.GetAsync($"/acct/c/pattern-5?{Sas}&rscc=no-store&rscd=attachment%3B+filename%3D%22a%20b.txt%22&rsce=identity&rscl=de&rsct=text%2Fplain");

        Assert.Equal(200, answer.Status);
        Assert.Equal("no-store", answer.Header("Cache-Control"));
        Assert.Equal("attachment; filename=\"a b.txt\"", answer.Header("Content-Disposition"));
        Assert.Equal("identity", answer.Header("Content-Encoding"));
        Assert.Equal("de", answer.Header("Content-Language"));
        Assert.Equal(["text/plain"], answer.Headers.Where(header => header.Key == "Content-Type").Select(header => header.Value));
        Assert.Equal("/acct/c/pattern-5", Assert.Single(broker.Storage.Requests.All).RawTarget);
    }

    [Theory]
    [InlineData("/acct/c/nothing?" + Sas + "&rsct=text%2Fplain")] // an error stays storage's
    [InlineData("/acct/c/pattern-5?rsct=text%2Fplain")] // without a SAS it means nothing
    [InlineData("/acct/c/pattern-5?" + Sas + "&rsct=")]
    public async Task They_leave_every_other_answer_alone(string target)
    {
        await using var broker = await RunningBroker.StartAsync();

        Assert.NotEqual("text/plain", (await broker.GetAsync(target)).Header("Content-Type"));
    }

    [Theory]
    [InlineData("text%0D%0AX-Smuggled%3A+1")]
    [InlineData("a%00b")]
    [InlineData("%E2%82%AC")]
    public async Task What_no_header_can_carry_is_refused(string value)
    {
        await using var broker = await RunningBroker.StartAsync();

        var answer = await broker.GetAsync($"/acct/c/pattern-5?{Sas}&rsct={value}");

        Assert.Equal((400, "override-invalid"), (answer.Status, answer.Header("x-tokenbroker-reason")));
        Assert.Equal(0, broker.Storage.Requests.Count);
    }
}
