using TokenBroker.Configuration;
using TokenBroker.Proxy.Rewriting.Batch;
using TokenBroker.Proxy.Telemetry;
using TokenBroker.Tokens.Answers;

namespace TokenBroker.Proxy;

/// <summary>
/// A row of the one table of all answers that the sidecar makes itself. 401 is not among them, because only storage answers
/// with it. 403 means not allowed; other 4xx mean that the request is wrong; 503 means that a retry can help.
/// </summary>
/// <param name="Reason">The value of <c>x-tokenbroker-reason</c>.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">The storage error code that SDKs show: always one that storage itself uses.</param>
/// <param name="Sentence">What is wrong and what to do.</param>
/// <param name="Level">The level in the log.</param>
internal sealed partial record Refusal(string Reason, int Status, string Code, string Sentence, LogLevel Level = LogLevel.Warning)
{
    private const string Forbidden = "AuthorizationFailure";
    private const string Mismatch = "AuthorizationPermissionMismatch";

    public FailedBy FailedBy =>
        Status < 500 ? FailedBy.Client
        : this == UpstreamUnreachable || this == UpstreamUntrusted || this == UpstreamBroken || this == UpstreamAnswerInvalid || this == UpstreamTimeout ? FailedBy.Storage
        : FailedBy.Sidecar;

    public static readonly Refusal PeerNotLoopback = new("peer-not-loopback", 403, Forbidden,
        "Only clients on this host may use the sidecar. Run the sidecar on the client's host.");

    public static readonly Refusal HostMissing = new("host-missing", 400, "MissingRequiredHeader",
        "The request has no Host header. Send one with the address that the client connects to.");

    public static readonly Refusal HostNotAllowed = new("host-not-allowed", 403, Forbidden,
        "The Host header does not name the sidecar. Use the address that the sidecar printed at its start, or allow another name with --host.");

    public static readonly Refusal MethodNotAllowed = new("method-not-allowed", 405, "UnsupportedHttpVerb",
        "The method is not supported. Use GET, HEAD, PUT, POST or DELETE.");

    public static readonly Refusal BrowserRequest = new("browser-request", 403, Forbidden,
        "The request comes from a web page (Origin or Sec-Fetch headers). Web pages are not allowed to use the sidecar; let the app's server fetch the blob.");

    public static readonly Refusal ForwardedRequest = new("forwarded-request", 403, Forbidden,
        "The request came through another proxy (X-Forwarded, Forwarded or Via headers). Connect to the sidecar directly.");

    public static readonly Refusal VersionMissing = new("version-missing", 400, "MissingRequiredHeader",
        "The x-ms-version header is missing. Every storage SDK sends it; with curl, add -H 'x-ms-version: 2021-12-02'. For a SAS URL in a plain HTTP client, use a caller key (--caller-key): a SAS made with it does not need the header. Or set --unsafe-allow-missing-version.");

    public static readonly Refusal RequestsTooMany = new("requests-too-many", 503, "ServerBusy",
        "The requests in flight have reached MaxRequests. Try again. If you trust all clients, raise MaxRequests.");

    public static readonly Refusal AuditFull = new("audit-full", 503, "ServerBusy",
        "The request cannot be written to the audit log: the sidecar's standard output is not read or cannot be written, and Audit:WhenFull is refuse. Let the reader of standard output continue, or free disk space; then try again.", LogLevel.Error);

    public static readonly Refusal RequestsOfAccountTooMany = new("requests-of-account-too-many", 503, "ServerBusy",
        "The requests in flight of this account have reached its share of MaxRequests; the rest is reserved for other accounts. Try again. If the account's storage answers normally, raise MaxRequests.");

    public static readonly Refusal BuffersFull = new("buffers-full", 503, "ServerBusy",
        "The request bodies that are buffered in memory have reached MaxBufferedBytes, or this account's share of it. Try again, or send uploads with a Content-Length; these are not buffered.");

    public static readonly Refusal BodyTimeout = new("body-timeout", 408, "OperationTimedOut",
        "The client stopped sending in the middle of its body for longer than Upstream:ActivityTimeout. Send the request again.");

    public static readonly Refusal HeaderRepeated = new("header-repeated", 400, "InvalidHeaderValue",
        "A Host, Range or x-ms-* header is given more than once. Send it once, with one value.");

    public static readonly Refusal HeaderName = new("header-name", 400, "InvalidHeaderValue",
        "A header name has a character that HTTP does not allow in names. Rename the header; in metadata names, storage allows letters, digits and underscores.");

    public static readonly Refusal LengthAmbiguous = new("length-ambiguous", 400, "InvalidHeaderValue",
        "Transfer-Encoding and Content-Length contradict each other. Send only Content-Length.");

    public static readonly Refusal TransferCoding = new("transfer-coding", 400, "InvalidHeaderValue",
        "The Transfer-Encoding is not supported. Use only chunked, and send the body as it should be stored.");

    public static readonly Refusal ConnectionHeader = new("connection-header", 400, "InvalidHeaderValue",
        "The Connection header names an option other than close, keep-alive, TE, Upgrade and HTTP2-Settings. Remove that option.");

    public static readonly Refusal TargetForm = new("target-form", 400, "InvalidUri",
        "The request target must be a path, as in GET /ACCOUNT/container/blob. The sidecar is the client's endpoint, not its HTTP proxy.");

    public static readonly Refusal TargetCharacter = new("target-character", 400, "InvalidUri",
        "The request target contains a control character, a space, '#' or a non-ASCII byte. Percent-encode it.");

    public static readonly Refusal TargetEscape = new("target-escape", 400, "InvalidUri",
        "The path has a '%' that is not followed by two hexadecimal digits. Write a plain percent sign as %25.");

    public static readonly Refusal DotSegment = new("dot-segment", 400, "InvalidUri",
        "The path has a '.' or '..' segment, which storage would resolve to another path. Rename the blob.");

    public static readonly Refusal AccountMissing = new("account-missing", 400, "InvalidUri",
        "The path does not begin with an account. Point the client at http://ADDRESS/ACCOUNT.");

    public static readonly Refusal AccountUnknown = new("account-unknown", 400, "InvalidUri",
        "The sidecar does not serve this account. Start it with --account NAME, or correct the client's endpoint.");

    public static readonly Refusal SecondaryUnknown = new("secondary-unknown", 400, "InvalidUri",
        "The address of this account's secondary is not known. Set Accounts:NAME:SecondaryEndpoint.");

    public static readonly Refusal ContainerMissing = new("container-missing", 400, "InvalidUri",
        "The path has an empty container segment. Name the container: /ACCOUNT/container/blob.");

    public static readonly Refusal NameEncoded = new("name-encoded", 400, "InvalidUri",
        "The account or container name is percent-encoded. Write it without encoding; only $ may be encoded, as %24.");

    public static readonly Refusal ParameterEncoded = new("parameter-encoded", 400, "InvalidQueryParameterValue",
        "The name of a query parameter is percent-encoded. Write it without encoding.");

    public static readonly Refusal ParameterRepeated = new("parameter-repeated", 400, "InvalidQueryParameterValue",
        "A query parameter is given more than once. Give each parameter only once.");

    public static readonly Refusal ParametersTooMany = new("parameters-too-many", 400, "OutOfRangeQueryParameterValue",
        "The query has more than 64 parameters. No storage operation has so many; remove some.");

    public static readonly Refusal BatchMalformed = new("batch-malformed", 400, "InvalidInput",
        "The body is not a valid multipart/mixed batch of HTTP requests. Nothing of the batch was sent.");

    public static readonly Refusal BatchTooLarge = new("batch-too-large", 413, "RequestBodyTooLarge",
        "The batch is larger than storage's limit of 4 MiB. Split it; nothing of it was sent.");

    public static readonly Refusal BatchTooManyParts = new("batch-too-many-parts", 400, "ExceedsMaxBatchRequestCount",
        "The batch has more parts than storage's limit of 256. Split it; nothing of it was sent.");

    public static readonly Refusal BatchPartElsewhere = new("batch-part-elsewhere", 400, "InvalidInput",
        "A part of the batch names another account or container than the batch itself. Send that part separately; nothing of the batch was sent.");

    public static readonly Refusal BatchPartAmbiguous = new("batch-part-ambiguous", 400, "InvalidInput",
        "A container has the same name as the account, so the path of a part could name two different blobs. Send the requests one by one; nothing of the batch was sent.");

    public static readonly Refusal BatchPartOperation = new("batch-part-operation", 400, "InvalidInput",
        "A part of the batch is neither Delete Blob nor Set Blob Tier, or it has a body. Send it as a single request; nothing of the batch was sent.");

    public static readonly Refusal CopySourceMalformed = new("copy-source-malformed", 400, "InvalidHeaderValue",
        "The source of the copy is not a valid address. Write http(s)://HOST/ACCOUNT/container/blob, percent-encoded, without user-info or fragment.");

    public static readonly Refusal CopySourcePort = new("copy-source-port", 400, "InvalidHeaderValue",
        "The source of the copy names a configured account with a port that is neither the account's nor the sidecar's. Omit the port.");

    public static readonly Refusal CopySourceOtherAccount = new("copy-source-other-account", 403, "CannotVerifyCopySource",
        "An asynchronous copy from another account works only with a SAS on the source's own address. Use the synchronous copy (Copy Blob From URL), for which the sidecar authorises the source.");

    public static readonly Refusal OverrideInvalid = new("override-invalid", 400, "InvalidQueryParameterValue",
        "The SAS asks for a response header (rscc, rscd, rsce, rscl, rsct) with characters that a header cannot contain. Make a SAS without them.");

    public static readonly Refusal LengthRequired = new("length-required", 411, "MissingContentLengthHeader",
        "The upload has no Content-Length, which storage demands, and is longer than Upstream:ChunkedUploadLimit. Send a length, or raise this limit.");

    public static readonly Refusal DelegationKey = new("delegation-key", 403, Forbidden,
        "The operation asks storage for a credential (such as a user delegation key or a session) that could be used without the sidecar. Read and write blobs through the sidecar, or add delegate to Accounts:NAME:Policy:Operations.");

    public static readonly Refusal OperationUnknown = new("operation-unknown", 403, Forbidden,
        "The request is an unknown POST, names its operation (restype, comp) with unusual characters, or overrides its method with a header. Send a documented operation of Blob Storage, written as in its documentation.");

    public static readonly Refusal PolicyContainer = new("policy-container", 403, Mismatch,
        "The account's policy does not allow this container. Use a container that it allows, or add this one to Accounts:NAME:Policy:Containers.");

    public static readonly Refusal PolicyAccount = new("policy-account", 403, Mismatch,
        "The request concerns more than one container, but the account's policy allows only some containers (Accounts:NAME:Policy:Containers). Send a request for one container that it allows.");

    public static readonly Refusal PolicyCopySource = new("policy-copy-source", 403, Mismatch,
        "The policy of the source's account (Accounts:NAME:Policy) does not allow reading the source of the copy, or the source's address does not show whether it does. Copy from a container that the policy allows, and use the account's usual address.");

    public static readonly Refusal PolicyUnknown = new("policy-unknown", 403, Mismatch,
        "The account has a policy (Accounts:NAME:Policy), and the request is not a known operation of Blob Storage. Correct its method, path, restype and comp.");

    public static readonly Refusal UpstreamMismatch = new("upstream-mismatch", 500, "InternalError",
        "The address that was built from this request is not the account's. Nothing was sent. Please report the request target.", LogLevel.Error);

    public static readonly Refusal UpstreamUnreachable = new("upstream-unreachable", 503, "ServerBusy",
        "The sidecar cannot connect to storage. Check the account's name and endpoint, DNS and the network of this host.");

    public static readonly Refusal UpstreamUntrusted = new("upstream-untrusted", 503, "ServerBusy",
        "Storage's certificate is not trusted, so the token was not sent. Add the certificate's authority with --upstream-ca, or find out which server answers.", LogLevel.Error);

    public static readonly Refusal UpstreamIsSidecar = new("upstream-is-sidecar", 503, "ServerBusy",
        "The account's address leads back to this sidecar, for example through a hosts entry. Set Accounts:NAME:ConnectTo to storage's real address.", LogLevel.Error);

    public static readonly Refusal UpstreamBroken = new("upstream-broken", 503, "ServerBusy",
        "Storage closed or reset the connection before it answered. Try again.");

    public static readonly Refusal UpstreamAnswerInvalid = new("upstream-answer-invalid", 503, "ServerBusy",
        "Storage's answer is not valid HTTP/1.1, or its headers are longer than 128 KiB. Check whether a proxy or firewall answers at the account's address (run `tokenbroker check`).");

    public static readonly Refusal UpstreamTimeout = new("upstream-timeout", 503, "ServerBusy",
        "Storage did not answer in time. Try again.");

    public static readonly Refusal DescriptorsExhausted = new("descriptors-exhausted", 503, "ServerBusy",
        "The sidecar or its host has no free file descriptor for a connection to storage. Raise the limit of open files with LimitNOFILE= or ulimit -n.", LogLevel.Error);

    public static readonly Refusal TokenReplaced = new("token-replaced", 503, "ServerBusy",
        "Storage said that the token has expired, and the sidecar now has a newer one. Try again.", LogLevel.Information);

    public static readonly Refusal BodyBroken = new("body-broken", 400, "InvalidInput",
        "The request's body ended early or could not be read. Send it again.", LogLevel.Information);

    public static readonly Refusal InternalError = new("internal-error", 500, "InternalError",
        "The sidecar failed to process this request. See its log for details.", LogLevel.Error);

    private static readonly Refusal[] NoToken =
    [
        .. Enum.GetValues<TokenFailureReason>().Select(reason => new Refusal(
            "token-" + TokenFailure.CodeOf(reason), 503, "ServerBusy", TokenFailure.SentenceOf(reason), LogLevel.Debug)),
    ];

    /// <summary>A user delegation key has its own row, with and without a policy.</summary>
    private static readonly Dictionary<BlobOperations, Refusal> NotInPolicy = BlobOperationWords.All
        .Where(operation => operation != BlobOperations.Delegate)
        .ToDictionary(operation => operation, operation => new Refusal("policy-" + operation.Word(), 403, Mismatch,
            $"The account's policy does not allow {operation.Word()}. Add it to Accounts:NAME:Policy:Operations, or remove ReadOnly."));

    /// <summary>All rows; docs/operations.md has the same rows.</summary>
    public static IReadOnlyList<Refusal> All =>
    [
        PeerNotLoopback, HostMissing, HostNotAllowed, MethodNotAllowed, BrowserRequest, ForwardedRequest, VersionMissing, RequestsTooMany, AuditFull, RequestsOfAccountTooMany, BuffersFull, BodyTimeout,
        HeaderRepeated, HeaderName, LengthAmbiguous, TransferCoding, ConnectionHeader, TargetForm, TargetCharacter, TargetEscape, DotSegment, AccountMissing,
        AccountUnknown, SecondaryUnknown, ContainerMissing, NameEncoded, ParameterEncoded, ParameterRepeated, ParametersTooMany, OverrideInvalid, LengthRequired, DelegationKey, OperationUnknown,
        BatchMalformed, BatchTooLarge, BatchTooManyParts, BatchPartElsewhere, BatchPartAmbiguous, BatchPartOperation, CopySourceMalformed, CopySourcePort, CopySourceOtherAccount,
        PolicyContainer, PolicyAccount, PolicyCopySource, PolicyUnknown, .. NotInPolicy.Values,
        UpstreamMismatch, UpstreamUnreachable, UpstreamUntrusted, UpstreamIsSidecar, UpstreamBroken, UpstreamAnswerInvalid, UpstreamTimeout, DescriptorsExhausted, TokenReplaced, BodyBroken,
        InternalError, .. OfCaller, .. NoToken,
    ];

    /// <summary>The row of a malformed batch, with the fault and its place.</summary>
    /// <param name="fault">A sentence of <see cref="BatchFault"/>.</param>
    /// <param name="part">The part, counted from 1; null if the batch as a whole is wrong.</param>
    public static Refusal ForBatch(string fault, int? part = null)
    {
        var refusal = BatchMalformed with { Sentence = $"{fault} Nothing of the batch was sent." };
        return part is { } number ? refusal.InPart(number) : refusal;
    }

    /// <summary>The same row with the number of the batch part that has the fault, counted from 1.</summary>
    public Refusal InPart(int number) => this with { Sentence = $"In part {number} of the batch: {Sentence}" };

    /// <summary>The policy does not allow this one operation.</summary>
    public static Refusal ForPolicy(BlobOperations operation) => NotInPolicy.GetValueOrDefault(operation, DelegationKey);

    /// <summary>A token is missing for this reason. The entry has already logged the failure.</summary>
    public static Refusal ForToken(TokenFailureReason reason) => NoToken[(int)reason];
}
