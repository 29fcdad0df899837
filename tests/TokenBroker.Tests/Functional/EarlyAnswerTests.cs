using TokenBroker.Tests.Tokens;
using TokenBroker.TestSupport.Network;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.Tests.Functional;

/// <summary>
/// Storage answers before it has read the body, and closes. A client that looks at the answer only when it has sent
/// everything sees that answer, and never a reset.
/// </summary>
public class EarlyAnswerTests
{
    private static readonly PlannedAnswer Forbidden =
        PlannedAnswer.Error(403, "AuthorizationFailure") with { ReadsBody = false, ClosesBehind = true };

    private static readonly PlannedAnswer Expired = PlannedAnswer.Error(401, "InvalidAuthenticationInfo") with
    {
        Detail = "Lifetime validation failed. The token is expired.",
        ReadsBody = false,
        ClosesBehind = true,
    };

    /// <summary>Sends all, and then reads, as most clients do.</summary>
    private static async Task<RawResponse> PutAsync(RunningBroker broker, int length)
    {
        await using var connection = await RawConnection.OpenAsync(broker.Data);
        await connection.SendAsync(Head(broker, length));
        await connection.SendAsync(new byte[length]);
        return await connection.ReadResponseAsync();
    }

    private static string Head(RunningBroker broker, int length) =>
        $"PUT /acct/c/b HTTP/1.1\r\nHost: {broker.Data.Authority}\r\nx-ms-version: 2021-12-02\r\n"
        + $"x-ms-blob-type: BlockBlob\r\nContent-Length: {length}\r\n\r\n";

    [Theory]
    [InlineData(128 * 1024)]
    [InlineData(1024 * 1024)]
    [InlineData(70 * 1024 * 1024)]
    public async Task Upload_that_storage_refuses_without_reading_it_is_answered_with_storages_reason(int length)
    {
        await using var broker = await RunningBroker.StartAsync();
        await broker.GetAsync("/acct/c/pattern-1");
        broker.Storage.AnswerAll(Forbidden);

        for (var i = 0; i < 5; i++)
        {
            var response = await PutAsync(broker, length);
            Assert.Equal((403, "AuthorizationFailure", null),
                (response.Status, response.Header("x-ms-error-code"), response.Header("x-tokenbroker-reason")));
        }

        Assert.All(broker.Storage.Requests.All.Skip(1), request => Assert.Equal(0, request.BodyLength));
    }

    [Theory]
    [InlineData(1024)]
    [InlineData(64 * 1024)]
    public async Task Short_upload_sees_storages_reason_or_is_told_to_come_again_but_never_a_reset(int length)
    {
        await using var broker = await RunningBroker.StartAsync();
        await broker.GetAsync("/acct/c/pattern-1");
        broker.Storage.AnswerAll(Forbidden);

        for (var i = 0; i < 100; i++)
        {
            var response = await PutAsync(broker, length);
            Assert.Contains($"{response.Status} {response.Header("x-tokenbroker-reason")}", new[] { "403 ", "503 upstream-broken" });
        }
    }

    [Fact]
    public async Task Large_upload_whose_token_storage_rejects_at_once_is_sent_with_the_new_token()
    {
        const int Length = 70 * 1024 * 1024;
        var clock = new TestClock();
        await using var broker = await RunningBroker.StartAsync(
            identities: new() { ReuseUntilShareLeft = null, TokenLifetime = TimeSpan.FromHours(1) }, clock: clock);
        await broker.GetAsync("/acct/c/pattern-1");
        clock.Advance(TimeSpan.FromMinutes(1)); // a rejection may now ask for another token
        broker.Storage.AnswerNext(Expired);

        var response = await PutAsync(broker, Length);

        Assert.Equal((201, null), (response.Status, response.Header("x-tokenbroker-reason")));
        Assert.Equal([0, Length], broker.Storage.Requests.All.Skip(1).Select(request => request.BodyLength));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Upload_that_storage_breaks_off_in_the_middle_is_told_to_come_again(bool closes)
    {
        const int Length = 32 * 1024 * 1024;
        await using var broker = await RunningBroker.StartAsync();
        await broker.GetAsync("/acct/c/pattern-1");
        broker.Storage.AnswerAll(new() { ResetAfterRequestBytes = Length / 2, Closes = closes });

        for (var i = 0; i < 5; i++)
        {
            var response = await PutAsync(broker, Length);
            Assert.Equal((503, "upstream-broken", "1"), (response.Status, response.Header("x-tokenbroker-reason"), response.Header("Retry-After")));
        }

        Assert.Null(broker.Storage.Account().Blob("c", "b"));
    }
}
