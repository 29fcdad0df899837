using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Network;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.Tests.TestSupport;

/// <summary>The stub does to the next requests what a test plans, and notices what clients do to it.</summary>
public sealed class StrictStoragePlanTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private StrictStorage _storage = null!;
    private StubClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _storage = await StrictStorage.StartAsync();
        _client = new StubClient(_storage);
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _storage.DisposeAsync();
    }

    [Fact]
    public async Task Planned_answers_come_first_and_are_used_up()
    {
        _storage.AnswerNext(PlannedAnswer.Busy with { Headers = new Dictionary<string, string> { ["Retry-After"] = "7" } }, times: 2);
        _storage.AnswerNext(new PlannedAnswer { Status = 200, Body = [1, 2, 3] }, when: request => request.RawTarget.EndsWith("/special", StringComparison.Ordinal));

        using var special = await _client.SendAsync(HttpMethod.Get, "/acct/special");
        using var busy = await _client.SendAsync(HttpMethod.Get, "/acct/c/pattern-1");
        using var normal = await _client.SendAsync(HttpMethod.Get, "/acct/c/pattern-1");
        using var specialAfter = await _client.SendAsync(HttpMethod.Get, "/acct/special");

        Assert.Equal(503, (int)special.StatusCode);
        Assert.Equal("7", special.Headers.GetValues("Retry-After").Single());
        Assert.Equal("ServerBusy", busy.Headers.GetValues("x-ms-error-code").Single());
        Assert.Equal(200, (int)normal.StatusCode);
        Assert.Equal([1, 2, 3], await specialAfter.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Held_request_is_recorded_at_once_and_served_on_release()
    {
        var release = new TaskCompletionSource();
        _storage.AnswerNext(PlannedAnswer.Hold(release.Task));

        var response = _client.SendAsync(HttpMethod.Get, "/acct/c/pattern-1");
        var request = await _storage.Requests.FirstAsync(_ => true, Limit);
        Assert.False(request.Done.IsCompleted);
        Assert.Equal(1, _storage.OpenConnections);
        release.SetResult();

        Assert.Equal(200, (int)(await response).StatusCode);
        await request.Done.WaitAsync(Limit);
        Assert.Equal(200, request.Status);
    }

    [Fact]
    public async Task Early_answer_comes_before_the_body_is_read()
    {
        _storage.AnswerNext(PlannedAnswer.Error(403, "AuthorizationFailure") with { ReadsBody = false });
        await using var connection = await RawConnection.OpenAsync(_storage.Address, _storage.Certificates);

        await connection.SendAsync("PUT /acct/c/b HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");
        var response = await connection.ReadResponseAsync();

        Assert.Equal("AuthorizationFailure", response.Header("x-ms-error-code"));
        Assert.Equal(0, _storage.Requests.All[0].BodyLength);
    }

    [Fact]
    public async Task Connection_is_reset_where_planned()
    {
        _storage.AnswerNext(PlannedAnswer.Reset);
        await using (var before = await RawConnection.OpenAsync(_storage.Address, _storage.Certificates))
        {
            await before.SendAsync("GET /acct/c/pattern-1 HTTP/1.1\r\nHost: x\r\n\r\n");
            Assert.True(await before.IsClosedByPeerAsync());
        }

        _storage.AnswerNext(new PlannedAnswer { ResetAfterResponseBytes = 100_000 });
        using var response = await _client.SendAsync(HttpMethod.Get, "/acct/c/pattern-1000000");
        Assert.Equal(1_000_000, response.Content.Headers.ContentLength);
        await Assert.ThrowsAnyAsync<Exception>(() => response.Content.ReadAsByteArrayAsync());

        _storage.AnswerNext(new PlannedAnswer { ResetAfterRequestBytes = 100_000 });
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => _client.SendAsync(HttpMethod.Put, "/acct/c/b", Pattern.Open(50_000_000)));

        var requests = _storage.Requests.All;
        await Task.WhenAll(requests.Select(request => request.Done)).WaitAsync(Limit);
        Assert.All(requests, request => Assert.True(request.Aborted));
        Assert.Equal([0, 200, 0], requests.Select(request => request.Status));
        await Wait.UntilAsync(() => _storage.OpenConnections == 0, Limit, "all connections closed");
    }

    [Fact]
    public async Task Upload_that_the_client_breaks_off_is_stored_nowhere()
    {
        _storage.Account().CreateContainer("c");
        await using (var connection = await RawConnection.OpenAsync(_storage.Address, _storage.Certificates))
        {
            await connection.SendAsync($"PUT /acct/c/b HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {_client.Token}\r\nx-ms-version: 2021-12-02\r\nx-ms-blob-type: BlockBlob\r\nContent-Length: 1000000\r\n\r\nabc");
            await _storage.Requests.FirstAsync(_ => true, Limit);
            connection.Reset();
        }

        var request = _storage.Requests.All[0];
        await request.Done.WaitAsync(Limit);
        Assert.True(request.Aborted);
        Assert.Empty(request.BodySha256);
        Assert.Null(_storage.Account().Blob("c", "b"));
    }
}
