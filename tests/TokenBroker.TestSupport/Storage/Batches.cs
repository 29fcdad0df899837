using System.Text;
using Microsoft.AspNetCore.Http;

namespace TokenBroker.TestSupport.Storage;

/// <summary>
/// Blob Batch, of the account or of a container: deletes, or changes of tier, never both. Each part is let in by its own
/// credential; one that fails is an answer inside the 202. A batch that is malformed is refused whole.
/// </summary>
internal static class Batches
{
    private const int MaxParts = 256;
    private const long MaxBytes = 4 * 1024 * 1024;

    private static StorageError InvalidInput { get; } = StorageError.Invalid("InvalidInput", "One of the request inputs is not valid.");

    public static async Task<StorageError?> RunAsync(StorageRequest request)
    {
        if (!(request.Container.Length > 0 ? request.Version.KnowsContainerBatch : request.Version.KnowsBatch))
            return StorageError.InvalidHeader;
        if (BlobChange.TooLarge(request, MaxBytes) is { } tooLarge)
            return tooLarge;
        if (request.Container.Length > 0 && request.Account.Store.Find(request.Container) is null)
            return StorageError.NotFound("ContainerNotFound");

        var body = await RequestBody.ReadAsync(request.Context, request.Record, keep: true);
        if (BatchReader.Read(request.Header("Content-Type"), body!) is not { } parts)
            return InvalidInput;
        if (parts.Count > MaxParts)
            return StorageError.Invalid("ExceedsMaxBatchRequestCount", "The batch operation exceeds maximum number of allowed subrequests.");
        var requests = parts.ConvertAll(part => Open(request, part));
        request.Record.Parts = [.. requests.Select(part => part.Record)];
        if (Refusal(request, requests) is { } refusal)
            return refusal;

        var boundary = $"batchresponse_{Guid.NewGuid()}";
        // Chunked, as storage answers it.
        request.Context.Response.StatusCode = 202;
        request.Context.Response.ContentType = $"multipart/mixed; boundary={boundary}";
        for (var i = 0; i < parts.Count; i++)
        {
            await ServeAsync(requests[i]);
            await request.Context.Response.Body.WriteAsync(BatchAnswer.Of(boundary, parts[i].ContentId, requests[i].Context.Response));
        }
        await request.Context.Response.Body.WriteAsync(Encoding.Latin1.GetBytes($"--{boundary}--\r\n"));
        return null;
    }

    private static StorageError? Refusal(StorageRequest batch, List<StorageRequest> parts)
    {
        // A path cannot leave the account that the batch was sent to, nor the container of a container's batch.
        if (parts.Any(part => part.Address.Account != batch.Address.Account || (batch.Container.Length > 0 && part.Container != batch.Container)))
            return InvalidInput;
        if (parts.Any(part => part is not ({ Method: "DELETE", Comp: "" } or { Method: "PUT", Comp: "tier" }) || part.Container.Length == 0 || part.Blob.Length == 0))
            return StorageError.Invalid("BatchOperationNotSupported", "The operation is not supported in a batch.");
        return parts.DistinctBy(part => part.Method).Count() == 1
            ? null
            : StorageError.Invalid("AllBatchSubRequestsShouldBeSameApi", "All batch subrequests should be the same api.");
    }

    private static StorageRequest Open(StorageRequest batch, BatchPart part)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = part.Method;
        foreach (var (name, value) in part.Headers)
            context.Request.Headers[name] = value;
        context.Request.ContentLength = 0;
        context.Request.Headers["x-ms-version"] = batch.Header("x-ms-version");
        context.Response.Body = new MemoryStream();
        StorageEndpoint.WriteCommonHeaders(context);
        var address = StorageAddress.Parse(part.Target, batch.Context.Request.Host.Value ?? "");
        return new StorageRequest
        {
            Context = context,
            Record = new RecordedRequest(part.Method, part.Target, part.Head, part.Headers) { Account = address.Account },
            Account = batch.Account,
            Version = batch.Version,
            Address = address,
            Service = batch.Service,
            Time = batch.Time,
        };
    }

    private static async Task ServeAsync(StorageRequest part)
    {
        var error = Authentication.Check(part, part.Time.GetUtcNow()) ?? await Operations.RunAsync(part);
        if (error is not null)
            await error.WriteAsync(part.Context);
        part.Record.Status = part.Context.Response.StatusCode;
        part.Record.Finish();
    }
}
