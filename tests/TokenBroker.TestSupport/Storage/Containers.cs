using System.Globalization;

namespace TokenBroker.TestSupport.Storage;

internal static class Containers
{
    public static Task<StorageError?> CreateAsync(StorageRequest request)
    {
        if (!request.Account.Store.Create(request.Container))
            return Error(StorageError.Conflict("ContainerAlreadyExists", "The specified container already exists."));
        return AnswerAsync(request, 201);
    }

    public static Task<StorageError?> DeleteAsync(StorageRequest request)
    {
        if (!request.Account.Store.Delete(request.Container))
            return Error(StorageError.NotFound("ContainerNotFound"));
        request.Context.Response.StatusCode = 202;
        request.Context.Response.ContentLength = 0;
        return Error(null);
    }

    public static Task<StorageError?> PropertiesAsync(StorageRequest request) =>
        request.Account.Store.Find(request.Container) is null ? Error(StorageError.NotFound("ContainerNotFound")) : AnswerAsync(request, 200);

    private static Task<StorageError?> AnswerAsync(StorageRequest request, int status)
    {
        var container = request.Account.Store.Find(request.Container)!;
        request.Context.Response.StatusCode = status;
        request.Context.Response.ContentLength = 0;
        request.Answer("ETag", container.ETag);
        request.Answer("Last-Modified", container.LastModified.ToString("R", CultureInfo.InvariantCulture));
        return Error(null);
    }

    private static Task<StorageError?> Error(StorageError? error) => Task.FromResult(error);
}
