using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using TokenBroker.Configuration;
using TokenBroker.Limits;
using TokenBroker.Upstream;

namespace TokenBroker.Diagnosis.Checks;

/// <summary>Opens TCP and TLS connections as a request does, and checks the certificate.</summary>
internal sealed class ConnectionCheck(UpstreamClient upstream, UpstreamTrust trust)
{
    public async Task<IReadOnlyList<Finding>> RunAsync(AccountOptions account, CancellationToken limit)
    {
        var endpoint = new DnsEndPoint(account.Endpoint.IdnHost, account.Endpoint.Port);
        DialledConnection dialled;
        try
        {
            dialled = await upstream.ConnectAsync(account, endpoint, limit);
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException or IOException)
        {
            if (IsOfDescriptors(error))
                return [Of(account, Cause.TcpDescriptors, ("address", Address(account)))];
            var said = error is SocketException socket ? socket.SocketErrorCode.ToString() : "no answer in time";
            return [Of(account, Cause.TcpUnreachable, ("address", Address(account)), ("the network said", said))];
        }

        await using (var stream = new NetworkStream(dialled.Socket, ownsSocket: true))
        {
            var connected = Of(account, Cause.TcpConnected, ("address", Address(account)), ("answered", dialled.Address.ToString()),
                ("did not answer", dialled.PassedOver is [] ? null : string.Join(", ", dialled.PassedOver.Select(PassedOver))));
            return account.Endpoint.Scheme == Uri.UriSchemeHttps
                ? [connected, await ShakeHandsAsync(account, stream, limit)]
                : [connected, Of(account, Cause.TlsOff)];
        }
    }

    private async Task<Finding> ShakeHandsAsync(AccountOptions account, Stream stream, CancellationToken limit)
    {
        Certificate? seen = null;
        var isTrusted = false;
        await using var tls = new SslStream(stream, leaveInnerStreamOpen: true);
        try
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = account.Endpoint.IdnHost,
                RemoteCertificateValidationCallback = (sender, certificate, chain, errors) =>
                {
                    seen = Certificate.Of(certificate, chain, errors);
                    return isTrusted = trust.Validate(sender, certificate, chain, errors);
                },
            }, limit);
        }
        catch (Exception error) when (error is AuthenticationException or IOException or OperationCanceledException or SocketException)
        {
            if (seen is null || isTrusted) // the failure is not caused by the certificate
                return Of(account, Cause.TlsFailed, ("problem", error.GetType().Name));
        }

        var cause = isTrusted ? Cause.TlsTrusted
            : seen!.Errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) ? Cause.TlsWrongName
            : seen.IsOutOfDate ? Cause.TlsOutOfDate
            : Cause.TlsUntrusted;
        return Of(account, cause, ("certificate of", seen!.Subject), ("names", cause == Cause.TlsWrongName ? seen.Names : null),
            ("issued by", seen.Issuer), ("valid until", seen.Until));
    }

    private static string PassedOver((IPAddress Address, SocketError? Error) attempt) =>
        $"{attempt.Address} ({(attempt.Error is null or SocketError.TimedOut ? "no answer in time" : attempt.Error)})";

    private static bool IsOfDescriptors(Exception error) =>
        (error is SocketException socket && DescriptorLimit.IsCause(socket)) || DescriptorLimit.IsReached();

    private static string Address(AccountOptions account) =>
        UpstreamClient.TargetOf(account, new(account.Endpoint.IdnHost, account.Endpoint.Port)) is var target ? $"{target.Host}:{target.Port}" : "";

    private static Finding Of(AccountOptions account, Cause cause, params IEnumerable<(string, string?)> facts) =>
        Finding.Of(account.Name, cause, facts) with { Names = [new("ACCOUNT", account.Name)] };

    /// <summary>The server's certificate as text: the certificate object does not exist after the handshake.</summary>
    private sealed record Certificate(string? Subject, string? Issuer, string? Names, string? Until, SslPolicyErrors Errors, bool IsOutOfDate)
    {
        public static Certificate Of(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
        {
            var leaf = certificate as X509Certificate2;
            var names = leaf?.Extensions.OfType<X509SubjectAlternativeNameExtension>()
                .SelectMany(extension => extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(address => address.ToString())));
            return new(leaf?.Subject, leaf?.Issuer, string.Join(", ", names?.Take(5) ?? []),
                leaf?.NotAfter.ToUniversalTime().ToString("u", CultureInfo.InvariantCulture), errors,
                chain?.ChainStatus.Any(status => status.Status.HasFlag(X509ChainStatusFlags.NotTimeValid)) == true);
        }
    }
}
