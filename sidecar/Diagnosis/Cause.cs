using TokenBroker.Tokens.Answers;

namespace TokenBroker.Diagnosis;

/// <summary>
/// Every finding that <c>tokenbroker check</c> can make: a row of one table, which is also in docs/operations.md. A code
/// begins with the step that makes it.
/// </summary>
/// <param name="Code">Its name in the output; scripts may depend on it.</param>
/// <param name="Verdict">How bad it is.</param>
/// <param name="Meaning">What was found, as a sentence.</param>
/// <param name="WhatToDo">What to do; null if nothing.</param>
internal sealed record Cause(string Code, Verdict Verdict, string Meaning, string? WhatToDo = null)
{
    public static readonly Cause ProxyNone = new("proxy-none", Verdict.Ok,
        "No variable names a web proxy.");

    public static readonly Cause ProxyVariables = new("proxy-variables", Verdict.Ok,
        "Variables name a web proxy. The sidecar does not use it: it connects to storage and the metadata endpoint directly.");

    public static readonly Cause SourceFound = new("source-found", Verdict.Ok,
        "The token source of the identity, and why it was chosen.");

    public static readonly Cause SourceDiverted = new("source-diverted", Verdict.Warning,
        "Variables or files on this host chose the token source, but it gave no token.",
        "If these variables or files do not describe this host, they are leftovers: remove them.");

    public static readonly Cause SourceVariablesUnread = new("source-variables-unread", Verdict.Warning,
        "Variables of an identity are set, but they have no effect here.",
        "Name a user-assigned identity with --identity client-id:GUID. Remove these variables, or set the ones that are missing.");

    public static readonly Cause TokenReceived = new("token-received", Verdict.Ok,
        "The identity has a token for storage.");

    public static readonly Cause TokenOpaque = new("token-opaque", Verdict.Warning,
        "The token that was received is not a JWT, so its claims are not known.",
        "Entra's tokens are JWTs: find out which program answers at the source's address. Storage's answer below shows whether storage accepts the token.");

    public static readonly Cause TokenAudience = new("token-audience", Verdict.Warning,
        "The token that was received is for another audience than storage.",
        "The sidecar asked for https://storage.azure.com/: find out which program answers at the source's address.");

    public static readonly Cause ClockRight = new("clock-right", Verdict.Ok,
        "This host's clock is correct to the minute.");

    public static readonly Cause ClockUnread = new("clock-unread", Verdict.Warning,
        "This host's clock could not be checked, because no answer had a date.",
        "Fix the other findings, and check again.");

    public static readonly Cause ClockOff = new("clock-off", Verdict.Warning,
        "This host's clock is more than a minute off.",
        "Let the host synchronise its clock (chrony, systemd-timesyncd, the hypervisor) before it drifts further.");

    public static readonly Cause ClockWrong = new("clock-wrong", Verdict.Failure,
        "This host's clock is off by 15 minutes or more: a skewed clock. Tokens and signatures are checked by the clock, here and at storage.",
        "Set the clock, and let the host synchronise it (chrony, systemd-timesyncd, the hypervisor).");

    public static readonly Cause ClockToken = new("clock-token", Verdict.Failure,
        "By this host's clock, the new token is not valid yet or has already expired: a skewed clock.",
        "Set this host's clock, and let the host synchronise it (chrony, systemd-timesyncd, the hypervisor).");

    public static readonly Cause DnsResolved = new("dns-resolved", Verdict.Ok,
        "The endpoint's name has an address.");

    public static readonly Cause DnsNameUnknown = new("dns-name-unknown", Verdict.Failure,
        "The name does not exist: the account's name is wrong, or this network cannot see it.",
        "Correct the name in --account. If the account has a private endpoint, link the private DNS zone privatelink.blob.core.windows.net to this network.");

    public static readonly Cause DnsServerFailing = new("dns-server-failing", Verdict.Failure,
        "The name could not be looked up, because no DNS server answered. The account's name may still be correct.",
        "Check the host's DNS settings (/etc/resolv.conf) and the network to its DNS server.");

    public static readonly Cause DnsIsSidecar = new("dns-is-sidecar", Verdict.Failure,
        "The name leads back to the sidecar's own listener, for example through a hosts entry.",
        "Set Accounts:ACCOUNT:ConnectTo to storage's real address.");

    public static readonly Cause DnsLoopback = new("dns-loopback", Verdict.Warning,
        "The account's name leads to this host itself, for example through a hosts entry.",
        "Remove the hosts entry, or set Accounts:ACCOUNT:ConnectTo to storage's real address.");

    public static readonly Cause TcpConnected = new("tcp-connected", Verdict.Ok,
        "Storage's port accepts connections.");

    public static readonly Cause TcpUnreachable = new("tcp-unreachable", Verdict.Failure,
        "The sidecar cannot connect to storage's port.",
        "Allow the connection in firewalls, network security groups and routes. A web proxy does not help, because the sidecar connects to storage directly.");

    public static readonly Cause TcpDescriptors = new("tcp-descriptors", Verdict.Failure,
        "This process or its host has no free file descriptor for a connection. The network is not the cause.",
        "Raise the limit of open files with ulimit -n or LimitNOFILE=, or find out which process has so many open (fs.file-nr).");

    public static readonly Cause TlsTrusted = new("tls-trusted", Verdict.Ok,
        "Storage's certificate is trusted.");

    public static readonly Cause TlsUntrusted = new("tls-untrusted", Verdict.Failure,
        "The certificate is untrusted: its issuer is not trusted on this host. No token was sent.",
        "Azure's own certificates are issued by Microsoft or DigiCert. If the issuer is your company, a web proxy inspects TLS: exempt storage from it. "
        + "To trust the issuer, for example an emulator's, use --upstream-ca.");

    public static readonly Cause TlsWrongName = new("tls-wrong-name", Verdict.Failure,
        "The certificate is for another name: another server answers at storage's address. No token was sent.",
        "Check the endpoint in --account, Accounts:ACCOUNT:ConnectTo, DNS and hosts entries.");

    public static readonly Cause TlsOutOfDate = new("tls-out-of-date", Verdict.Failure,
        "The certificate has expired or is not valid yet, by this host's clock. No token was sent.",
        "Check this host's clock first; if it is correct, renew the certificate.");

    public static readonly Cause TlsFailed = new("tls-failed", Verdict.Failure,
        "The server at storage's port does not use TLS, or it aborted the TLS handshake.",
        "Check the endpoint's port, and whether there is a firewall or web proxy in between.");

    public static readonly Cause TlsOff = new("tls-off", Verdict.Warning,
        "The endpoint is http: the token is sent in clear text.",
        "Write https in --account. Real storage refuses tokens over http.");

    public static readonly Cause StorageReadable = new("storage-readable", Verdict.Ok,
        "Storage accepted the token, and the identity may read. Writing was not tested.");

    public static readonly Cause StorageAnswers = new("storage-answers", Verdict.Ok,
        "Storage answers. The rights of the identity could not be tested without a token.");

    public static readonly Cause StorageNoRole = new("storage-no-role", Verdict.Failure,
        "Storage knows the identity, but it has no role that allows reading here.",
        "Grant a role: az role assignment create --role \"Storage Blob Data Contributor\" (or \"Storage Blob Data Reader\") --assignee-object-id OBJECT-ID "
        + "--assignee-principal-type ServicePrincipal --scope \"$(az storage account show --name ACCOUNT --query id --output tsv)\". Owner and Contributor are not enough. "
        + "It takes up to ten minutes to become effective. A role on a single container is not recognised here, unless Accounts:ACCOUNT:Policy:Containers names that container.");

    public static readonly Cause StorageNetworkRules = new("storage-network-rules", Verdict.Failure,
        "The account's firewall or network rules refuse this host.",
        "Allow this host's network in the account's networking, or use a private endpoint.");

    public static readonly Cause StorageOtherTenant = new("storage-other-tenant", Verdict.Failure,
        "The account is in another tenant than the identity.",
        "Use an identity of the account's own tenant.");

    public static readonly Cause StorageAudience = new("storage-audience", Verdict.Failure,
        "Storage says that the token is for another audience.",
        "Check the endpoint in --account, and which program answers at the source's address.");

    public static readonly Cause StorageTokenExpired = new("storage-token-expired", Verdict.Failure,
        "Storage says that the token has expired or is not valid yet.",
        "Check this host's clock, and which program answers at the source's address.");

    public static readonly Cause StorageTokenRefused = new("storage-token-refused", Verdict.Failure,
        "Storage refuses the token.",
        "Compare the token's claims with the account's tenant and address.");

    public static readonly Cause StorageAccountUnknown = new("storage-account-unknown", Verdict.Failure,
        "The server does not have an account with this name: the account's name or endpoint is wrong.",
        "Correct the name or the endpoint: --account ACCOUNT=ENDPOINT.");

    public static readonly Cause StorageAccountDisabled = new("storage-account-disabled", Verdict.Failure,
        "The account is disabled.",
        "Enable the account or its subscription in the portal.");

    public static readonly Cause StorageBusy = new("storage-busy", Verdict.Warning,
        "Storage is busy or fails, and asks the client to try again.",
        "Check again in a minute.");

    public static readonly Cause StorageUnexpected = new("storage-unexpected", Verdict.Failure,
        "Storage gave an unexpected answer, which is not explained by the identity or its role.",
        "Look up its code in the documentation of storage's error codes.");

    public static readonly Cause StorageSilent = new("storage-silent", Verdict.Failure,
        "Storage's port accepts connections, but no answer came.",
        "Check firewalls and web proxies in between, and check again.");

    public static readonly Cause ProxyAnswers = new("proxy-answers", Verdict.Failure,
        "A web proxy between here and storage answers instead of storage. The answer has none of storage's headers.",
        "Exempt storage's address from the proxy, or use a private endpoint for the account.");

    public static readonly Cause ProxyPasses = new("proxy-passes", Verdict.Warning,
        "Storage answers through a web proxy, which sees every token and every blob.",
        "Exempt storage's address from the proxy.");

    /// <summary>Why a token is missing: one row for each of the sidecar's reasons, with the same sentences.</summary>
    private static readonly Dictionary<TokenFailureReason, Cause> NoToken =
        Enum.GetValues<TokenFailureReason>().Except([TokenFailureReason.Pending, TokenFailureReason.Stopping]).ToDictionary(reason => reason, OfNoToken);

    /// <summary>In the order in which they are found.</summary>
    public static IReadOnlyList<Cause> All { get; } =
    [
        ProxyNone, ProxyVariables, SourceFound, SourceDiverted, SourceVariablesUnread, TokenReceived, TokenOpaque, TokenAudience, .. NoToken.Values,
        ClockRight, ClockUnread, ClockOff, ClockWrong, ClockToken, DnsResolved, DnsNameUnknown, DnsServerFailing, DnsIsSidecar, DnsLoopback,
        TcpConnected, TcpUnreachable, TcpDescriptors, TlsTrusted, TlsUntrusted, TlsWrongName, TlsOutOfDate, TlsFailed, TlsOff,
        StorageReadable, StorageAnswers, StorageNoRole, StorageNetworkRules, StorageOtherTenant, StorageAudience, StorageTokenExpired, StorageTokenRefused,
        StorageAccountUnknown, StorageAccountDisabled, StorageBusy, StorageUnexpected, StorageSilent, ProxyAnswers, ProxyPasses,
    ];

    public static Cause Of(TokenFailureReason reason) => NoToken[reason];

    /// <summary>The first sentence of the reason says what is wrong, the others what to do.</summary>
    private static Cause OfNoToken(TokenFailureReason reason)
    {
        var sentences = TokenFailure.SentenceOf(reason);
        var end = sentences.IndexOf(". ", StringComparison.Ordinal) + 1;
        return new($"token-{TokenFailure.CodeOf(reason)}", Verdict.Failure, sentences[..end], sentences[(end + 1)..]);
    }
}
