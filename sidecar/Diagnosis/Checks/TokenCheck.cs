using System.Globalization;
using System.Net.Sockets;
using TokenBroker.Configuration;
using TokenBroker.Tokens.Answers;
using TokenBroker.Tokens.Schedule;
using TokenBroker.Tokens.Sources;

namespace TokenBroker.Diagnosis.Checks;

/// <summary>The result of one attempt for an identity. The token is sent to storage and is not in any finding.</summary>
internal sealed record TokenAttempt(BearerToken? Token, TokenClaims? Claims, IReadOnlyList<Finding> Findings);

/// <summary>Chooses an identity's source as the sidecar does, and makes one attempt with it.</summary>
internal sealed class TokenCheck(BrokerOptions options, ProcessEnvironment environment, ClockReadings clock, TimeProvider time)
{
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(2);

    public async Task<TokenAttempt> RunAsync(IdentitySelector identity, CancellationToken cancellation)
    {
        var selection = TokenSourceSelection.Choose(identity, options.Tokens.MetadataEndpoint, environment);
        using var client = ImdsTokenSource.CreateClient(handler => clock.Watch("the metadata endpoint", handler));
        var source = selection.CreateSource(identity, options.Tokens, client, time);
        var answer = await source.RequestAsync(RefreshSchedule.MaxAttemptAfter(source.AttemptTimeout, null, 0), cancellation);
        var failure = answer.Failure is { } found ? await NarrowAsync(found, selection, cancellation) : null;
        var claims = answer.Token is { } token ? TokenClaims.Read(token) : null;
        var subject = identity.ToString();
        return new(answer.Token, claims,
        [
            SourceCheck.Judge(subject, identity, selection, options, environment, hasToken: answer.Token is not null),
            failure is null ? Judge(subject, answer.Token!, claims) : Finding.Of(subject, Cause.Of(failure.Reason), ("the source said", failure.Detail)),
        ]);
    }

    private Finding Judge(string subject, BearerToken token, TokenClaims? claims)
    {
        var cause = claims is null ? Cause.TokenOpaque : claims.IsForStorage ? Cause.TokenReceived : Cause.TokenAudience;
        return Finding.Of(subject, cause,
            ("aud", claims?.Audience), ("iss", claims?.Issuer), ("tid", claims?.Tenant), ("oid", claims?.ObjectId), ("appid", claims?.ClientId),
            ("xms_mirid", claims?.ResourceId), ("exp", token.ExpiresOn.ToString("u", CultureInfo.InvariantCulture)),
            ("life left", string.Create(CultureInfo.InvariantCulture, $"{token.Remaining(time).TotalMinutes:0} min")));
    }

    /// <summary>
    /// Outside of Azure, packets to the metadata endpoint's address are often dropped and not refused: if the
    /// connection cannot be made at all, the endpoint does not exist; it is not merely slow.
    /// </summary>
    private async Task<TokenFailure> NarrowAsync(TokenFailure failure, TokenSourceSelection selection, CancellationToken cancellation)
    {
        if (failure.Reason != TokenFailureReason.TimedOut || selection.Kind != TokenSourceKind.Imds)
            return failure;
        var endpoint = options.Tokens.MetadataEndpoint ?? ImdsTokenSource.DefaultEndpoint;
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var limit = new CancellationTokenSource(ConnectLimit, time);
        using var attempt = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            await socket.ConnectAsync(endpoint.Host, endpoint.Port, attempt.Token);
            return failure;
        }
        catch (Exception error) when (error is SocketException || (error is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return new(TokenFailureReason.NoIdentityOnHost, $"no connection to {endpoint.Authority}");
        }
    }
}
