using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport.Network;
using Xunit;

namespace TokenBroker.EndToEnd.Refusals;

/// <summary>The built sidecar hands out no credential without a policy, whatever the operation is called and however it is spelled.</summary>
public class CredentialOperationTests(RefusingSidecars sidecars) : IClassFixture<RefusingSidecars>
{
    [Theory]
    [InlineData("POST /acct/things?restype=container&comp=session", "delegation-key")]
    [InlineData("POST /acct/things?restype=container&comp=%C5%BFession", "delegation-key")]
    [InlineData("POST /acct/?restype=service&comp=userdelegationkey", "delegation-key")]
    [InlineData("POST /acct/?restype=service&comp=userdelegation%E2%84%AAey", "delegation-key")]
    [InlineData("POST /acct/?restype=service&comp=userdelegation%256Bey", "delegation-key")]
    [InlineData("POST /acct/?restype=service;comp=userdelegationkey", "delegation-key")]
    [InlineData("PUT /acct/things?restype=container&comp=accesskey", "delegation-key")]
    [InlineData("POST /acct/things/b?comp=somethingnew", "operation-unknown")]
    [InlineData("POST /acct/things/b", "operation-unknown")]
    [InlineData("GET /acct/things/b", "operation-unknown", "X-HTTP-Method: POST\r\n")]
    public async Task Operation_that_could_hand_out_a_credential_is_refused(string line, string reason, string headers = "")
    {
        var before = sidecars.Working.Storage.Requests.Count;
        var answer = await SendAsync(line, headers);

        Assert.Equal((403, reason), (answer.Status, answer.Header("x-tokenbroker-reason")));
        Assert.Equal(before, sidecars.Working.Storage.Requests.Count);
    }

    [Theory]
    [InlineData("GET /acct/things/b?comp=somethingnew")]
    [InlineData("PUT /acct/things/b?comp=somethingnew")]
    [InlineData("POST /acct/things/b?comp=query")]
    public async Task New_feature_reaches_storage(string line)
    {
        var before = sidecars.Working.Storage.Requests.Count;
        var answer = await SendAsync(line, "");

        Assert.Null(answer.Header("x-tokenbroker-reason"));
        Assert.Equal(before + 1, sidecars.Working.Storage.Requests.Count);
    }

    private Task<RawResponse> SendAsync(string line, string headers)
    {
        var endpoint = sidecars.Working.Sidecar.At("");
        return RawConnection.ExchangeAsync(endpoint, $"{line} HTTP/1.1\r\nHost: {endpoint.Authority}\r\nx-ms-version: 2026-02-06\r\n{headers}"
            + (line.StartsWith("GET", StringComparison.Ordinal) ? "\r\n" : "Content-Length: 0\r\n\r\n"));
    }
}
