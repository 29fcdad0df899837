using System.Net;
using System.Text;
using TokenBroker.Configuration;
using TokenBroker.Tokens.Answers;
using TokenBroker.Upstream;

namespace TokenBroker.Diagnosis.Checks;

/// <summary>
/// A real request to the account, as the sidecar would send it: the properties of a container, which every data role may
/// read. It need not exist; storage looks at the role first.
/// </summary>
internal sealed class StorageCheck(UpstreamClient upstream, ClockReadings clock)
{
    public async Task<Finding> RunAsync(AccountOptions account, TokenAttempt attempt, CancellationToken limit)
    {
        if (!StorageAddress.TryBuild(account.Endpoint, "/" + ContainerOf(account), "?restype=container", out var address))
            return Of(account, attempt, Cause.StorageUnexpected, []);
        using var client = upstream.Create(account);
        try
        {
            var answer = await AskAsync(client, account, HttpMethod.Head, address, attempt.Token, limit);
            // An answer to HEAD has no body that could say what is wrong with the token.
            if (attempt.Token is not null && StorageAnswer.NeedsDetail(answer))
                answer = await AskAsync(client, account, HttpMethod.Get, address, attempt.Token, limit);
            return Of(account, attempt, answer.Judge(attempt.Token is not null),
            [
                ("status", ((int)answer.Status).ToString()), ("code", answer.Code), ("request", answer.RequestId), ("tenant of the account", answer.Tenant),
                ("oid", attempt.Claims?.ObjectId), ("answered by", answer.RequestId is null || answer.Via is not null ? answer.Via ?? answer.Server : null),
            ]);
        }
        catch (Exception error) when (error is HttpRequestException or IOException or OperationCanceledException)
        {
            return Of(account, attempt, Cause.StorageSilent, [("problem", error is HttpRequestException http ? http.HttpRequestError.ToString() : "no answer in time")]);
        }
    }

    private async Task<StorageAnswer> AskAsync(
        HttpMessageInvoker client, AccountOptions account, HttpMethod method, Uri address, BearerToken? token, CancellationToken limit)
    {
        using var request = new HttpRequestMessage(method, address) { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.TryAddWithoutValidation("x-ms-version", StorageVersion.Default);
        request.Headers.TryAddWithoutValidation("User-Agent", "tokenbroker-check");
        if (token is not null)
            request.Headers.TryAddWithoutValidation("Authorization", token.HeaderValue);
        using var response = await client.SendAsync(request, limit);
        clock.Add($"storage of {account.Name}", response);
        return StorageAnswer.Of(response, method == HttpMethod.Head ? "" : await ReadAsync(response, limit));
    }

    private static async Task<string> ReadAsync(HttpResponseMessage response, CancellationToken limit)
    {
        await using var body = await response.Content.ReadAsStreamAsync(limit);
        var buffer = new byte[RejectedToken.MaxPeekedBytes];
        var length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, limit);
        return Encoding.UTF8.GetString(buffer, 0, length);
    }

    /// <summary>A role may be granted on a single container, so a container that the policy names is used for the test.</summary>
    private static string ContainerOf(AccountOptions account) =>
        account.Policy?.Containers?.FirstOrDefault(container => !container.EndsWith('*')) ?? $"tokenbroker-check-{Guid.NewGuid():N}";

    private static Finding Of(AccountOptions account, TokenAttempt attempt, Cause cause, IEnumerable<(string, string?)> facts) =>
        Finding.Of(account.Name, cause, facts) with { Names = [new("OBJECT-ID", attempt.Claims?.ObjectId ?? "OBJECT-ID"), new("ACCOUNT", account.Name)] };
}
