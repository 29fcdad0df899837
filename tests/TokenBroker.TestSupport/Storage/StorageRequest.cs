using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.Http;

namespace TokenBroker.TestSupport.Storage;

/// <summary>A request as storage understands it: names decoded, where the record keeps the bytes.</summary>
internal sealed class StorageRequest
{
    public required HttpContext Context { get; init; }
    public required RecordedRequest Record { get; init; }
    public required StorageAccount Account { get; init; }
    public required ServiceVersion Version { get; init; }
    public required StorageAddress Address { get; init; }
    /// <summary>The service that the account belongs to.</summary>
    public required StorageEndpoint Service { get; init; }

    public required TimeProvider Time { get; init; }

    public string Method => Context.Request.Method;

    public IReadOnlyDictionary<string, string> Query => Address.Query;

    /// <summary>Empty for the account itself.</summary>
    public string Container => Address.Container;

    /// <summary>Empty for the container itself.</summary>
    public string Blob => Address.Blob;

    public string Comp => Query.GetValueOrDefault("comp", "");

    public string Restype => Query.GetValueOrDefault("restype", "");

    public string? Authorization => Header("Authorization");

    public string? Header(string name) => Context.Request.Headers.TryGetValue(name, out var value) ? value.ToString() : null;

    /// <summary>Sets a header of the answer.</summary>
    public void Answer(string header, string value) => Context.Response.Headers[header] = value;

    public void AnswerEmpty(int status)
    {
        Context.Response.StatusCode = status;
        // A 204 says so itself.
        Context.Response.ContentLength = status == StatusCodes.Status204NoContent ? null : 0;
    }

    /// <summary>Writes a body as storage does: in UTF-8, behind a byte order mark.</summary>
    public async Task AnswerXmlAsync(XElement root)
    {
        var xml = $"<?xml version=\"1.0\" encoding=\"utf-8\"?>{root.ToString(SaveOptions.DisableFormatting)}";
        byte[] body = [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(xml)];
        Context.Response.ContentType = "application/xml";
        Context.Response.ContentLength = body.Length;
        await Context.Response.Body.WriteAsync(body);
    }
}
