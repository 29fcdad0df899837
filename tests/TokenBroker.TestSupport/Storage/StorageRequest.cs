using Microsoft.AspNetCore.Http;

namespace TokenBroker.TestSupport.Storage;

/// <summary>A request as storage understands it: names decoded, where the record keeps the bytes.</summary>
internal sealed class StorageRequest
{
    public required HttpContext Context { get; init; }
    public required RecordedRequest Record { get; init; }
    public required StorageAccount Account { get; init; }
    public required ServiceVersion Version { get; init; }
    public required IReadOnlyDictionary<string, string> Query { get; init; }

    /// <summary>Empty for the account itself.</summary>
    public required string Container { get; init; }

    /// <summary>Empty for the container itself.</summary>
    public required string Blob { get; init; }

    public required TimeProvider Time { get; init; }

    public string Method => Context.Request.Method;

    public string Comp => Query.GetValueOrDefault("comp", "");

    public string Restype => Query.GetValueOrDefault("restype", "");

    public string? Authorization => Header("Authorization");

    public string? Header(string name) => Context.Request.Headers.TryGetValue(name, out var value) ? value.ToString() : null;

    /// <summary>Sets a header of the answer.</summary>
    public void Answer(string header, string value) => Context.Response.Headers[header] = value;
}
