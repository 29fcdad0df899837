using TokenBroker.Configuration;
using Xunit;
using static TokenBroker.Tests.Functional.PolicyBroker;

namespace TokenBroker.Tests.Functional;

/// <summary>
/// Without a policy everything may be done that cannot hand out a credential. What does, or may, is refused in every spelling,
/// before anything is sent.
/// </summary>
public class CredentialOperationTests
{
    [Theory]
    [InlineData("POST /acct/c?restype=container&comp=session")]
    [InlineData("POST /acct/c/?comp=session&restype=container&timeout=30")]
    [InlineData("POST /acct/c?RESTYPE=Container&COMP=Session")]
    [InlineData("POST /acct/c?restype=container&comp=%73ession")]
    [InlineData("POST /acct/c?restype=container&comp=%2573ession")]
    [InlineData("POST /acct/c?restype=container&comp=%C5%BFession")] // the long s
    [InlineData("POST /acct/c?restype=container&comp=sess%C4%B1on")] // i without a dot
    [InlineData("POST /acct/c?restype=container&comp=%EF%BD%93ession")] // full width
    [InlineData("POST /acct/c?restype=container&comp=session%20")]
    [InlineData("POST /acct/c?restype=container&comp=session%00")]
    [InlineData("POST /acct/c?restype=container&comp=session+")]
    [InlineData("POST /acct/c?restype=container;comp=session")]
    [InlineData("POST /acct/c?restype=container&comp=batch;comp=session")]
    [InlineData("POST /acct/c?restype=container&comp=batch&x=%26comp%3Dsession")]
    [InlineData("POST /acct/c?restype=container&comp=newsession")]
    [InlineData("POST /acct/c/b?comp=session")]
    [InlineData("POST /acct?restype=service&comp=userdelegationkey")]
    [InlineData("POST /acct/?restype=service&comp=userdelegation%E2%84%AAey")] // the Kelvin sign
    [InlineData("POST /acct/?restype=service&comp=u%C5%BFerdelegationkey")]
    [InlineData("POST /acct/?restype=service&comp=userdelegat%C4%B1onkey")]
    [InlineData("POST /acct/?restype=service&comp=userdelegation%25E2%2584%25AAey")]
    [InlineData("POST /acct/?restype=service&comp=accesstoken")]
    [InlineData("PUT /acct/?restype=service&comp=userdelegationkey")]
    [InlineData("GET /acct/?restype=service&comp=userdelegationkey")]
    [InlineData("GET /acct/c?restype=container&comp=sas")]
    [InlineData("PUT /acct/c?restype=container&comp=%C5%BFession")]
    [InlineData("DELETE /acct/c?restype=sessions")]
    public async Task Operation_that_hands_out_a_credential_is_refused_in_every_spelling(string line)
    {
        await using var broker = await StartAsync(null);
        var answer = await SendAsync(broker, line);

        Assert.Equal((403, "delegation-key"), (answer.Status, answer.Header("x-tokenbroker-reason")));
        Assert.Contains("add delegate to Accounts:NAME:Policy:Operations", answer.Text, StringComparison.Ordinal);
        Assert.Equal(0, broker.Storage.Requests.Count);
    }

    [Theory]
    [InlineData("POST /acct/c/b")]
    [InlineData("POST /acct/c/b?comp=lease")]
    [InlineData("POST /acct/c/b?comp=somethingnew")]
    [InlineData("POST /acct/c/b?comp=query%20")]
    [InlineData("POST /acct/c/b?comp=query&x=%3Bcomp%3Dother")]
    [InlineData("POST /acct/c/b?comp=")]
    [InlineData("POST /acct/c/b?action=append")]
    [InlineData("POST /acct/c?restype=container")]
    [InlineData("POST /acct/c?comp=batch")]
    [InlineData("POST /acct/?comp=blobs&where=x")]
    [InlineData("GET /acct/c/b", "X-HTTP-Method: POST\r\n")]
    [InlineData("GET /acct/c/b", "X-HTTP-Method-Override: DELETE\r\n")]
    [InlineData("PUT /acct/c/b", "x-method-override: POST\r\n")]
    [InlineData("GET /acct/c/b?comp=met%C3%A4data")]
    [InlineData("GET /acct/c?restype=container%2Fx&comp=list")]
    [InlineData("PUT /acct/c/b?comp=block%2520list")]
    public async Task Post_without_a_row_and_a_name_with_unusual_characters_are_refused(string line, string headers = "")
    {
        await using var broker = await StartAsync(null);
        var answer = await SendAsync(broker, line, headers);

        Assert.Equal((403, "operation-unknown"), (answer.Status, answer.Header("x-tokenbroker-reason")));
        Assert.Equal(0, broker.Storage.Requests.Count);
    }

    [Theory]
    [InlineData("GET /acct/c/b?comp=somethingnew")]
    [InlineData("PUT /acct/c/b?comp=something-new2")]
    [InlineData("DELETE /acct/c/b?comp=SomethingNew")]
    [InlineData("GET /acct/c?restype=container&comp=something.new")]
    [InlineData("PUT /acct/?restype=newthing")]
    [InlineData("GET /acct/c/b?comp=")]
    [InlineData("GET /acct/c/key/session?x=token")]
    [InlineData("GET /acct/c?restype=container&comp=list&prefix=session/key%20%C3%BC;x")]
    [InlineData("POST /acct/c/b?comp=query")]
    [InlineData("POST /acct/c/session?comp=QUERY&snapshot=2026-01-01T00%3A00%3A00.0000000Z&timeout=30")]
    [InlineData("POST /acct/c/b?comp=query&versionid=2026-01-01T00:00:00.0000000Z&sv=2021-06-08&sig=keysession%2Btoken%3D")]
    public async Task New_feature_passes_if_it_cannot_hand_out_a_credential(string line)
    {
        await using var broker = await StartAsync(null);
        AssertForwarded(broker, await SendAsync(broker, line));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Session_is_created_only_where_the_policy_names_delegate(bool policy, bool named)
    {
        await using var broker = await StartAsync(!policy ? null : new() { Operations = named ? BlobOperations.Delegate : PolicyOptions.Usual });
        var answer = await SendAsync(broker, "POST /acct/c?restype=container&comp=session");

        if (named)
            AssertForwarded(broker, answer);
        Assert.Equal(named ? null : "delegation-key", answer.Header("x-tokenbroker-reason"));
    }

    [Theory]
    [InlineData("POST /acct/c?restype=container&comp=session", "delegation-key")]
    [InlineData("POST /acct/c/b?comp=somethingnew", "operation-unknown")]
    public async Task Policy_that_only_reports_does_not_let_them_pass(string line, string reason)
    {
        await using var broker = await StartAsync(PolicyBroker.ReadOnly with { ReportOnly = true });

        Assert.Equal(reason, (await SendAsync(broker, line)).Header("x-tokenbroker-reason"));
        Assert.Equal(0, broker.Storage.Requests.Count);
    }

    [Fact]
    public async Task Part_of_a_batch_cannot_override_its_method()
    {
        await using var broker = await StartAsync(null);
        const string Body = "--b\r\nContent-Type: application/http\r\n\r\nDELETE /acct/c/b HTTP/1.1\r\nX-HTTP-Method: PUT\r\n\r\n--b--\r\n";
        var answer = await broker.SendAsync("POST /acct/?comp=batch HTTP/1.1\r\nHost: HOST\r\nx-ms-version: 2021-12-02\r\n"
            + $"Content-Type: multipart/mixed; boundary=b\r\nContent-Length: {Body.Length}\r\n\r\n{Body}");

        Assert.Equal("operation-unknown", answer.Header("x-tokenbroker-reason"));
        Assert.Equal(0, broker.Storage.Requests.Count);
    }
}
