namespace TokenBroker.Configuration.Reading;

/// <summary>One row: a setting's name in configuration, its option on the command line if it has one, and its meaning.</summary>
/// <param name="Key">Path in configuration, parts joined by ':'; <c>NAME</c> stands for an account's name.</param>
/// <param name="Option">The option that says the same; null where only configuration can say it.</param>
/// <param name="Argument">What the option takes, as shown in the help; null for a switch.</param>
/// <param name="Default">The default, as text.</param>
/// <param name="Meaning">A sentence for the help text and for docs/configuration.md.</param>
internal sealed record SettingRow(
    string Key, string? Option, string? Argument, string Default, string Meaning, bool Repeatable = false);

/// <summary>
/// Every setting there is. The command line, the configuration walk and docs/configuration.md are all made from this one
/// table or tested against it, so that they cannot drift apart.
/// </summary>
internal static class SettingTable
{
    /// <summary>The row of <c>--account</c>, whose argument carries both a name and an endpoint.</summary>
    public const string AccountEndpoint = "Accounts:NAME:Endpoint";

    public static IReadOnlyList<SettingRow> Rows { get; } =
    [
        new(AccountEndpoint, "--account", "NAME[=ENDPOINT]", "https://NAME.blob.core.windows.net",
            "A storage account to serve, and where it is if not at its usual address.", Repeatable: true),
        new("Accounts:NAME:SecondaryEndpoint", null, "URL", "derived from the endpoint",
            "The read-only secondary, where its address does not follow from the endpoint's."),
        new("Accounts:NAME:ConnectTo", null, "HOST[:PORT]", "the endpoint's own",
            "Where the TCP connection goes instead; certificate and Host stay the account's."),
        new("Accounts:NAME:Identity", null, "IDENTITY", "the value of Identity",
            "The identity to use for this account alone."),
        new("Accounts:NAME:Policy:ReadOnly", null, null, "false",
            "Clients may read and list, and nothing else."),
        new("Accounts:NAME:Policy:Containers", null, "NAME or PREFIX*", "every container",
            "The containers that clients may touch, by name or by the beginning of the name, as in logs-*.", Repeatable: true),
        new("Accounts:NAME:Policy:Operations", null, "OPERATION", "all but delegate",
            $"What clients may do: {string.Join(", ", BlobOperationWords.All.Select(operation => operation.Word()))}. Whoever may write may create.", Repeatable: true),
        new("Accounts:NAME:Policy:ReportOnly", null, null, "false",
            "Refuse nothing by this policy; log and count what it would refuse."),
        new("Identity", "--identity", "IDENTITY", "system",
            $"The identity to use: {IdentitySelector.Forms}."),
        new("Listen", "--listen", "URL", "http://localhost:11000",
            "Where clients connect; a file may also give one address instead of a list. localhost means 127.0.0.1 and ::1. Port 0 lets the system choose; the real one is printed. https needs --tls-cert.",
            Repeatable: true),
        new("Tls:Certificate", "--tls-cert", "FILE", "none",
            "PEM file of the certificate that an https listener shows, with the certificates between it and its authority behind it. Read again when it changes."),
        new("Tls:Key", "--tls-key", "FILE", "the certificate's file",
            "PEM file of the certificate's private key, unencrypted."),
        new("Admin", "--admin", "URL", "http://localhost:11080",
            "Where health and metrics are served."),
        new("HealthListen", "--health-listen", "URL", "none",
            "Where health and metrics alone are served as well, on any address: for probes and scrapers that do not reach loopback."),
        new("Hosts", "--host", "NAME[:PORT]", "none",
            "A further Host name that callers may use.", Repeatable: true),
        new("MetadataEndpoint", "--metadata-endpoint", "URL", "http://169.254.169.254",
            "Base address of the instance metadata endpoint. Overrides every other token source. "
            + "AZURE_POD_IDENTITY_AUTHORITY_HOST moves it as well."),
        new("Tokens:AttemptTimeout", null, "DURATION", "5s",
            "Time for one attempt to get a token while another token serves, from the moment its request is sent. Without a usable "
            + "token an attempt may take three times as long. Each timeout in a row doubles the time, up to 30s or this setting, whichever is longer."),
        new("Tokens:FirstTokenWait", null, "DURATION", "10s",
            "How long a request waits for the first token before it is answered with 503."),
        new("Upstream:CertificateAuthority", "--upstream-ca", "FILE", "none",
            "PEM file of certificates that are trusted in addition to the system's."),
        new("Upstream:ConnectTimeout", null, "DURATION", "15s", "Time to connect to storage."),
        new("Upstream:ConnectionLifetime", null, "DURATION", "5m",
            "Age after which a connection to storage is not used again, so that a changed address is followed."),
        new("Upstream:IdleTimeout", null, "DURATION", "60s",
            "Idle time after which a connection to storage is closed."),
        new("Upstream:ActivityTimeout", null, "DURATION", "15m",
            "Silence in both directions after which a request is given up."),
        new("Upstream:ChunkedUploadLimit", null, "BYTES", "4194304",
            "Size up to which an upload without Content-Length is gathered to get one; 0 gathers nothing. Longer ones are answered with 411."),
        new("Upstream:UnsafeAllowHttp", "--unsafe-allow-http-upstream", null, "false",
            "Accept http endpoints: the token then crosses the wire in clear text."),
        new("Caller:KeyFile", "--caller-key", "FILE", "none",
            "File of one or two keys with which clients must have signed, by SharedKey or by a SAS. The key command makes one."),
        new("Caller:UnsafeAllowMissingVersion", "--unsafe-allow-missing-version", null, "false",
            "Accept requests without x-ms-version: a plain GET can then be forged by a web page."),
        new("Caller:UnsafeAllowNonLoopback", "--unsafe-allow-non-loopback", null, "false",
            "Listen beyond loopback: whoever reaches the port then has the identity's rights."),
        new("MaxConnections", null, "COUNT", "4096",
            "Client connections at once; further ones are closed. Less where the host's file descriptors or memory do not suffice."),
        new("MaxRequests", null, "COUNT", "2048",
            "Requests in flight at once; further ones are answered with 503. Half is reserved for the accounts in equal parts. Less where the host's file descriptors or memory do not suffice."),
        new("MaxBufferedBytes", null, "BYTES", "an eighth of the memory",
            "Bytes of request bodies held in memory at once: batches, and uploads without Content-Length. Beyond it, such a request is answered with 503."),
        new("DrainMin", "--drain-min", "DURATION", "0s",
            "How long connections are accepted after the signal to stop, while /health/ready says 503."),
        new("DrainMax", "--drain-max", "DURATION", "30s",
            "How long requests in flight may go on after that."),
        new("LogLevel", "--log-level", "LEVEL", "information",
            "The least level that is logged: trace, debug, information, warning or error."),
        new("LogFormat", "--log-format", "FORMAT", "text",
            "text, or json: an object a line."),
        new("Audit", "--audit", null, "false",
            "Log a line for each request: account, container, operation, verdict and request ids."),
        new("Audit:WhenFull", "--audit-when-full", "WHAT", "drop",
            "If nobody reads the log and an audit line finds no room: drop (the line is dropped and counted) or refuse (the request is answered with 503 and not sent). Given without Audit, it switches the audit log on."),
        new("ExitWithStdin", "--exit-with-stdin", null, "false",
            "Stop when standard input closes: for a program that starts the sidecar as its child."),
    ];

    /// <summary>The settings that are lists: their elements are Hosts:0, Hosts:1, … <c>NAME</c> stands for any account.</summary>
    public static IReadOnlyList<string> Lists { get; } =
        [.. Rows.Where(row => row.Repeatable && row.Key != AccountEndpoint).Select(row => row.Key)];

    /// <summary>Lists that may also be written as one value: <c>Listen</c> means <c>Listen:0</c> then.</summary>
    public static IReadOnlyList<string> ListsOrValues { get; } = ["Listen"];

    /// <summary>The keys of one account, without <c>Accounts:NAME:</c>.</summary>
    public static IReadOnlyList<string> AccountKeys { get; } =
        [.. Rows.Where(row => row.Key.StartsWith("Accounts:NAME:", StringComparison.Ordinal))
            .Select(row => row.Key["Accounts:NAME:".Length..])];
}
