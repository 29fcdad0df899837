namespace TokenBroker.Proxy.Rewriting.Batch;

/// <summary>What can be wrong with the form of a batch: the sentences that its refusal gives.</summary>
internal static class BatchFault
{
    public const string ContentType = "The Content-Type is not a single multipart/mixed.";
    public const string Boundary = "The Content-Type does not give one valid boundary. Give it once, with 1 to 70 of the characters that RFC 2046 allows.";
    public const string Start = "The body does not start with the boundary of the Content-Type.";
    public const string NearBoundary = "A line starts with the boundary and goes on after it. Use a boundary that no other line starts with.";
    public const string End = "The body ends before the closing boundary.";
    public const string AfterEnd = "A further boundary follows the closing boundary.";
    public const string LineEnds = "The line ends are mixed. End all lines with CRLF, or all with LF.";
    public const string Envelope = "The MIME headers are not those of a request. Send Content-Type: application/http, Content-Transfer-Encoding, Content-ID and MIME-Version: 1.0 only, each once.";
    public const string Encoding = "The content is in another encoding than binary. Send it without Content-Encoding, and each part with Content-Transfer-Encoding: binary.";
    public const string RequestLine = "The request line is not METHOD TARGET HTTP/1.1.";
    public const string Header = "A header is malformed or given twice, or there are more than 100.";
    public const string Body = "The request has a body. Delete Blob and Set Blob Tier have none.";
}
