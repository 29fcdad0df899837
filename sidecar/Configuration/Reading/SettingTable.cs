namespace TokenBroker.Configuration.Reading;

/// <summary>
/// Every setting there is. The command line, the configuration walk and docs/configuration.md are generated from this table
/// or tested against it, so that they cannot differ.
/// </summary>
internal static class SettingTable
{
    /// <summary>The row of <c>--account</c>, whose argument has both a name and an endpoint.</summary>
    public const string AccountEndpoint = "Accounts:NAME:Endpoint";

    public static IReadOnlyList<SettingRow> Rows { get; } =
    [
        new(AccountEndpoint, "--account", "NAME[=ENDPOINT]", "https://NAME.blob.core.windows.net",
            "A storage account to serve, and its endpoint if this is not the usual one.", Repeatable: true),
        new("Accounts:NAME:SecondaryEndpoint", null, "URL", "derived from the endpoint",
            "The read-only secondary endpoint, if it cannot be derived from the endpoint."),
        new("Accounts:NAME:ConnectTo", null, "HOST[:PORT]", "the endpoint's own",
            "Connect to this address instead; certificate and Host are still those of the endpoint."),
        new("Accounts:NAME:Identity", null, "IDENTITY", "the value of Identity",
            "The identity to use for this account."),
        new("Accounts:NAME:Policy:ReadOnly", null, null, "false",
            "Clients may only read and list."),
        new("Accounts:NAME:Policy:Containers", null, "NAME or PREFIX*", "every container",
            "The containers that clients may use, by name or by the beginning of the name, as in logs-*.", Repeatable: true),
        new("Accounts:NAME:Policy:Operations", null, "OPERATION", "all but delegate",
            $"What clients may do: {string.Join(", ", BlobOperationWords.All.Select(operation => operation.Word()))}. write includes create.", Repeatable: true),
        new("Accounts:NAME:Policy:ReportOnly", null, null, "false",
            "The policy refuses nothing; what it would refuse is logged and counted."),
        new("Identity", "--identity", "IDENTITY", "system",
            $"The identity to use: {IdentitySelector.Forms}."),
        new("Listen", "--listen", "URL", "http://localhost:11000",
            "The address that clients connect to; a file may give a list. localhost means 127.0.0.1 and ::1. With port 0 the system chooses a port, which is printed. https needs --tls-cert.",
            Repeatable: true),
        new("Tls:Certificate", "--tls-cert", "FILE", "none",
            "PEM file with the certificate of the https listeners, followed by its intermediate certificates. It is read again when it changes."),
        new("Tls:Key", "--tls-key", "FILE", "the certificate's file",
            "PEM file with the certificate's private key, unencrypted."),
        new("Admin", "--admin", "URL", "http://localhost:11080",
            "The address of the admin listener, which serves health and metrics."),
        new("HealthListen", "--health-listen", "URL", "none",
            "A further address for health and metrics only, which need not be loopback: for probes and scrapers that cannot reach loopback."),
        new("Hosts", "--host", "NAME[:PORT]", "none",
            "A further name that clients may send in the Host header.", Repeatable: true),
        new("MetadataEndpoint", "--metadata-endpoint", "URL", "http://169.254.169.254",
            "Base address of the instance metadata endpoint. Overrides every other token source. "
            + "The variable AZURE_POD_IDENTITY_AUTHORITY_HOST does the same."),
        new("Tokens:AttemptTimeout", null, "DURATION", "5s",
            "Timeout of one attempt to get a token while another token is usable, from the moment its request is sent. Without a usable "
            + "token the timeout is three times as long. Each timeout in a row doubles it, up to 30s or this setting, whichever is longer."),
        new("Tokens:FirstTokenWait", null, "DURATION", "10s",
            "How long a request waits for a token, if there is none, before it is answered with 503."),
        new("Upstream:CertificateAuthority", "--upstream-ca", "FILE", "none",
            "PEM file with certificates that are trusted in addition to the system's."),
        new("Upstream:ConnectTimeout", null, "DURATION", "15s", "Timeout for connecting to storage."),
        new("Upstream:ConnectionLifetime", null, "DURATION", "5m",
            "Age after which a connection to storage is not reused, so that a changed address takes effect."),
        new("Upstream:IdleTimeout", null, "DURATION", "60s",
            "Idle time after which a connection to storage is closed."),
        new("Upstream:ActivityTimeout", null, "DURATION", "15m",
            "A request is ended if no data moves in either direction for this time."),
        new("Upstream:ChunkedUploadLimit", null, "BYTES", "4194304",
            "Maximum size of an upload without Content-Length, which is buffered to find its length; 0 buffers none. Longer ones are answered with 411."),
        new("Upstream:UnsafeAllowHttp", "--unsafe-allow-http-upstream", null, "false",
            "Accept http endpoints: the token is then sent in clear text."),
        new("Caller:KeyFile", "--caller-key", "FILE", "none",
            "File with one or two keys. Clients must sign their requests with one of them, by SharedKey or by a SAS. 'tokenbroker key' creates a key."),
        new("Caller:UnsafeAllowMissingVersion", "--unsafe-allow-missing-version", null, "false",
            "Accept requests without x-ms-version: a plain GET can then be forged by a web page."),
        new("Caller:UnsafeAllowNonLoopback", "--unsafe-allow-non-loopback", null, "false",
            "Allow Listen addresses other than loopback: every host that can connect then has the identity's rights."),
        new("MaxConnections", null, "COUNT", "4096",
            "Maximum number of client connections; further ones are closed. It is lower if the host does not have enough file descriptors or memory."),
        new("MaxRequests", null, "COUNT", "2048",
            "Maximum number of requests in flight; further ones are answered with 503. Half is reserved in equal parts for the accounts. It is lower if the host does not have enough file descriptors or memory."),
        new("MaxBufferedBytes", null, "BYTES", "an eighth of the memory",
            "Maximum number of bytes of request bodies that are buffered in memory: batches, and uploads without Content-Length. Beyond it, such requests are answered with 503."),
        new("DrainMin", "--drain-min", "DURATION", "0s",
            "How long connections are still accepted after the shutdown signal, while /health/ready answers 503."),
        new("DrainMax", "--drain-max", "DURATION", "30s",
            "How long requests in flight may continue after DrainMin is over."),
        new("LogLevel", "--log-level", "LEVEL", "information",
            "The lowest level that is logged: trace, debug, information, warning or error."),
        new("LogFormat", "--log-format", "FORMAT", "text",
            "text, or json with one object per line."),
        new("Audit", "--audit", null, "false",
            "Log one line for each request: account, container, operation, verdict and request ids."),
        new("Audit:WhenFull", "--audit-when-full", "WHAT", "drop",
            "What to do if the log is not read and its queue is full: drop (the line is dropped and counted) or refuse (the request is answered with 503 and not sent). If Audit is not set, this setting switches the audit log on."),
        new("ExitWithStdin", "--exit-with-stdin", null, "false",
            "Stop when standard input closes, for a program that starts the sidecar as its child."),
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
