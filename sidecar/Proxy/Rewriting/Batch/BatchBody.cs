using System.Text;
using TokenBroker.Tokens.Answers;

namespace TokenBroker.Proxy.Rewriting.Batch;

/// <summary>
/// A batch that was judged and is ready to be written: from its model and with a new boundary, so that storage gets no byte that
/// the sidecar did not understand.
/// </summary>
internal sealed class BatchBody(IReadOnlyList<BatchPart> parts)
{
    private readonly string _boundary = $"batch_{Guid.NewGuid()}";

    public string ContentType => $"multipart/mixed; boundary={_boundary}";

    /// <summary>The body's bytes, in which every part has the token. A secret.</summary>
    public byte[] Write(BearerToken token)
    {
        var text = new StringBuilder();
        foreach (var part in parts)
        {
            text.Append($"--{_boundary}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n");
            if (part.ContentId is { } id)
                text.Append($"Content-ID: {id}\r\n");
            text.Append($"\r\n{part.Method} {part.Target} HTTP/1.1\r\n");
            foreach (var (name, value) in part.Headers)
                text.Append($"{name}: {value}\r\n");
            text.Append($"Content-Length: 0\r\nAuthorization: {token.HeaderValue}\r\n\r\n");
        }

        return Encoding.Latin1.GetBytes(text.Append($"--{_boundary}--\r\n").ToString());
    }
}
