using System.Globalization;

namespace TokenBroker.TestSupport.Storage;

/// <summary>Lease Blob and Lease Container, and what a lease means to everybody else.</summary>
internal static class Leases
{
    public static Task<StorageError?> RunAsync(StorageRequest request) => Task.FromResult(Run(request));

    /// <summary>A write to a leased blob, or the deletion of a leased container, must name the lease.</summary>
    public static StorageError? OnWrite(StorageRequest request, Lease? lease)
    {
        var now = request.Time.GetUtcNow();
        if (lease is not null && lease.Holds(now) && request.Header("x-ms-lease-id") is null)
            return new StorageError(412, "LeaseIdMissing", "There is currently a lease on the resource and no lease ID was specified in the request.");
        return OnRead(request, lease);
    }

    /// <summary>A read need not name the lease, but may name no other.</summary>
    public static StorageError? OnRead(StorageRequest request, Lease? lease)
    {
        if (request.Header("x-ms-lease-id") is not { } id)
            return null;
        var kind = Kind(request);
        return (lease ?? new Lease()).State(request.Time.GetUtcNow()) switch
        {
            Lease.LeaseState.Available => new StorageError(412, $"LeaseNotPresentWith{kind}Operation", "There is currently no lease on the resource."),
            _ when id != lease!.Id => new StorageError(412, $"LeaseIdMismatchWith{kind}Operation", "The lease ID specified did not match the lease ID of the resource."),
            Lease.LeaseState.Leased or Lease.LeaseState.Breaking => null,
            _ => new StorageError(412, "LeaseLost", "A lease ID was specified, but the lease has expired."),
        };
    }

    private static StorageError? Run(StorageRequest request)
    {
        if (request.Account.Store.Find(request.Container) is not { } container)
            return StorageError.NotFound("ContainerNotFound");
        var blob = container.Blobs.GetValueOrDefault(request.Blob);
        if (request.Blob.Length > 0 && blob is null)
            return StorageError.NotFound("BlobNotFound");
        lock (container.Changing)
        {
            if (request.Blob.Length > 0 && Conditions.OnWrite(request, blob) is { } condition)
                return condition;
            var lease = container.Leases.GetOrAdd(request.Blob, _ => new Lease());
            var error = request.Header("x-ms-lease-action") switch
            {
                "acquire" => Acquire(request, lease),
                "renew" => Renew(request, lease),
                "change" => Change(request, lease),
                "release" => Release(request, lease),
                "break" => Break(request, lease),
                null => StorageError.MissingHeader,
                _ => StorageError.InvalidHeader,
            };
            if (error is not null)
                return error;
        }
        request.Answer("ETag", blob?.ETag ?? container.ETag);
        request.Answer("Last-Modified", BlobHeaders.Date(blob?.LastModified ?? container.LastModified));
        return null;
    }

    private static StorageError? Acquire(StorageRequest request, Lease lease)
    {
        var now = request.Time.GetUtcNow();
        var proposed = request.Header("x-ms-proposed-lease-id");
        if (request.Header("x-ms-lease-duration") is not { } header)
            return StorageError.MissingHeader;
        var isNumber = int.TryParse(header, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds);
        if (!isNumber || seconds is not (-1 or (>= 15 and <= 60)) || (proposed is not null && !Guid.TryParse(proposed, out _)))
            return StorageError.InvalidHeader;
        if (lease.State(now) == Lease.LeaseState.Breaking || (lease.Holds(now) && lease.Id != proposed))
            return StorageError.Conflict("LeaseAlreadyPresent", "There is already a lease present.");
        lease.Acquire(proposed ?? Guid.NewGuid().ToString(), seconds < 0 ? null : TimeSpan.FromSeconds(seconds), now);
        return Done(request, 201, lease.Id);
    }

    private static StorageError? Renew(StorageRequest request, Lease lease)
    {
        var now = request.Time.GetUtcNow();
        if (Mismatch(request, lease) is { } mismatch)
            return mismatch;
        if (lease.State(now) is Lease.LeaseState.Breaking or Lease.LeaseState.Broken)
            return StorageError.Conflict("LeaseIsBrokenAndCannotBeRenewed", "The lease ID matched, but the lease has been broken explicitly and cannot be renewed.");
        lease.Renew(now);
        return Done(request, 200, lease.Id);
    }

    private static StorageError? Change(StorageRequest request, Lease lease)
    {
        if (request.Header("x-ms-proposed-lease-id") is not { } proposed || request.Header("x-ms-lease-id") is null)
            return StorageError.MissingHeader;
        if (!Guid.TryParse(proposed, out _))
            return StorageError.InvalidHeader;
        // Naming the new id again is no fault: a client may have missed the answer.
        if (lease.Id != proposed && Mismatch(request, lease) is { } mismatch)
            return mismatch;
        if (lease.State(request.Time.GetUtcNow()) != Lease.LeaseState.Leased)
            return NotPresent(request);
        lease.Change(proposed);
        return Done(request, 200, proposed);
    }

    private static StorageError? Release(StorageRequest request, Lease lease)
    {
        if (Mismatch(request, lease) is { } mismatch)
            return mismatch;
        lease.Release();
        return Done(request, 200, null);
    }

    private static StorageError? Break(StorageRequest request, Lease lease)
    {
        var now = request.Time.GetUtcNow();
        TimeSpan? period = null;
        if (request.Header("x-ms-lease-break-period") is { } header)
        {
            if (!int.TryParse(header, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds > 60)
                return StorageError.InvalidHeader;
            period = TimeSpan.FromSeconds(seconds);
        }
        if (lease.State(now) == Lease.LeaseState.Available)
            return NotPresent(request);
        request.Answer("x-ms-lease-time", ((int)lease.Break(period, now).TotalSeconds).ToString(CultureInfo.InvariantCulture));
        return Done(request, 202, null);
    }

    private static StorageError? Mismatch(StorageRequest request, Lease lease)
    {
        if (request.Header("x-ms-lease-id") is not { } id)
            return StorageError.MissingHeader;
        return id == lease.Id ? null : StorageError.Conflict("LeaseIdMismatchWithLeaseOperation", "The lease ID specified did not match the lease ID for the resource.");
    }

    private static StorageError NotPresent(StorageRequest request) =>
        StorageError.Conflict("LeaseNotPresentWithLeaseOperation", $"There is currently no lease on the {(request.Blob.Length > 0 ? "blob" : "container")}.");

    private static StorageError? Done(StorageRequest request, int status, string? id)
    {
        request.AnswerEmpty(status);
        if (id is not null)
            request.Answer("x-ms-lease-id", id);
        return null;
    }

    private static string Kind(StorageRequest request) => request.Blob.Length > 0 ? "Blob" : "Container";
}
