namespace TokenBroker.TestSupport.Storage;

/// <summary>One request out of a batch, as it was written.</summary>
/// <param name="ContentId">Echoed in the answer.</param>
/// <param name="Head">Request line and headers byte for byte, with the empty line, which clients leave out.</param>
internal sealed record BatchPart(string ContentId, string Method, string Target, IReadOnlyList<KeyValuePair<string, string>> Headers, byte[] Head);
