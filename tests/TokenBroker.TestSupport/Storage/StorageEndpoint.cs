using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace TokenBroker.TestSupport.Storage;

/// <summary>One request from its record to its answer: recorded, planned for, checked, served.</summary>
internal sealed class StorageEndpoint(IReadOnlyList<StorageAccount> accounts, IReadOnlyList<string> names, TimeProvider time)
{
    public RequestLog Requests { get; } = new();

    public AnswerPlan Plan { get; } = new();

    public IReadOnlyDictionary<string, StorageAccount> Accounts { get; } = accounts.ToDictionary(account => account.Name);

    /// <summary>Hosts that are this service, besides <c>ACCOUNT.blob.core.windows.net</c>.</summary>
    public IReadOnlyList<string> Names => names;

    public async Task HandleAsync(HttpContext context)
    {
        var record = Recording.Begin(context);
        var address = StorageAddress.Parse(record.RawTarget, context.Request.Host.Value ?? "");
        record.Account = address.Account;
        Requests.Add(record);
        try
        {
            WriteCommonHeaders(context);
            if (Plan.Take(record) is not { } planned || !await PlannedFate.MeetAsync(planned, context, record))
                await ServeAsync(context, record, address);
            await context.Response.CompleteAsync();
        }
        catch (Exception fault) when (fault is IOException or OperationCanceledException or ConnectionAbortedException or BadHttpRequestException)
        {
            record.Aborted = true;
            context.Abort();
        }
        finally
        {
            record.Aborted |= context.RequestAborted.IsCancellationRequested;
            record.Status = context.Response.HasStarted || !record.Aborted ? context.Response.StatusCode : 0;
            context.Features.Get<HeadCapture>()?.Listen();
            record.Finish();
        }
    }

    private async Task ServeAsync(HttpContext context, RecordedRequest record, StorageAddress address)
    {
        if (!Accounts.TryGetValue(address.Account, out var account))
        {
            // Azure has no such host; nearest is what it says to a wrong Host header.
            await StorageError.Invalid("InvalidUri", "The requested URI does not represent any resource on the server.").WriteAsync(context);
            return;
        }
        if (!ServiceVersion.TryParse(context.Request.Headers["x-ms-version"], out var version))
        {
            await StorageError.InvalidHeader.WriteAsync(context);
            return;
        }
        var request = new StorageRequest
        {
            Context = context,
            Record = record,
            Account = account,
            Version = version,
            Address = address,
            Service = this,
            Time = time,
        };
        if (Refusal(request) is { } refusal)
            await refusal.WriteAsync(context);
        else if (await Operations.RunAsync(request) is { } error)
            await error.WriteAsync(context);
    }

    private StorageError? Refusal(StorageRequest request)
    {
        if (request.Account.RequiresHttps && !request.Context.Request.IsHttps)
            return StorageError.Invalid("AccountRequiresHttps", "The account being accessed does not support http.");
        // Facts C2: chunked uploads are refused.
        if (request.Context.Request.ContentLength is null && (HttpMethods.IsPut(request.Method) || HttpMethods.IsPost(request.Method)))
            return new StorageError(411, "MissingContentLengthHeader", "Content-Length HTTP header is missing.");
        return Authentication.Check(request, time.GetUtcNow());
    }

    public static void WriteCommonHeaders(HttpContext context)
    {
        var (request, answer) = (context.Request.Headers, context.Response.Headers);
        answer.Server = "Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0";
        answer["x-ms-request-id"] = Guid.NewGuid().ToString();
        // The version it was served by; Azure falls back to an old one if none was asked for.
        answer["x-ms-version"] = request.TryGetValue("x-ms-version", out var version) ? version : "2015-02-21";
        if (request.TryGetValue("x-ms-client-request-id", out var clientRequestId))
            answer["x-ms-client-request-id"] = clientRequestId;
    }
}
