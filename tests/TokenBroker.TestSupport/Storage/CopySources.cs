namespace TokenBroker.TestSupport.Storage;

/// <summary>Whether the source of a copy may be read, and what it is. It is read inside the stub: no source is ever fetched over a socket.</summary>
internal static class CopySources
{
    private const string Credential = "x-ms-copy-source-authorization";

    /// <summary>The source of an operation that has storage read it at once: it needs a credential of its own, in the same account as well.</summary>
    public static StorageError? FindForSync(StorageRequest request, out StoredBlob? source)
    {
        source = null;
        // Facts C5: these operations have no body.
        if (request.Context.Request.ContentLength != 0)
            return StorageError.InvalidHeader;
        if (SourceUrl.Resolve(request, out var error) is not { } address)
            return error;
        request.Record.SourceAccount = address.Account;
        var account = request.Service.Accounts[address.Account];
        return SyncRefusal(request, account, address) ?? Read(request, account, address, out source);
    }

    /// <summary>The source of an asynchronous Copy Blob: it takes no credential in a header, and needs none in the same account.</summary>
    public static StorageError? FindForAsync(StorageRequest request, out StoredBlob? source)
    {
        source = null;
        if (request.Context.Request.ContentLength != 0)
            return StorageError.InvalidHeader;
        if (request.Header(Credential) is not null)
            return StorageError.Invalid("UnsupportedHeader", "One of the HTTP headers specified in the request is not supported.");
        if (SourceUrl.Resolve(request, out var error) is not { } address)
            return error;
        request.Record.SourceAccount = address.Account;
        var account = request.Service.Accounts[address.Account];
        if (Authentication.HasSas(address.Query))
            return SasRefusal(account, address) ?? Read(request, account, address, out source);
        // Storage does not tell a stranger what it has.
        return account == request.Account || IsPublic(account, address) ? Read(request, account, address, out source) : StorageError.CopySource(404);
    }

    // Facts C5. That it is a 401 for want of a credential, and under which code, was seen at Azure; the statuses of a token
    // that is there and bad are those of the Authorization header, and not confirmed.
    private static StorageError? SyncRefusal(StorageRequest request, StorageAccount account, StorageAddress address)
    {
        var authorization = request.Header(Credential);
        if (Authentication.HasSas(address.Query))
            return authorization is null ? SasRefusal(account, address) : StorageError.CopySource(403);
        if (authorization is null)
            return IsPublic(account, address) ? null : StorageError.CopySource(request.Version.Challenges ? 401 : 404);
        if (!request.Version.KnowsSourceAuthorization)
            return StorageError.CopySource(403);
        const string scheme = "Bearer ";
        if (!authorization.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) || authorization.AsSpan(scheme.Length).ContainsAny(' ', ','))
            return StorageError.InvalidHeader;
        return Authentication.TokenFault(account, authorization[scheme.Length..], request.Time.GetUtcNow()) is null ? null : StorageError.CopySource(401);
    }

    private static StorageError? SasRefusal(StorageAccount account, StorageAddress address) =>
        account.SourceSignature is { } signature && address.Query.GetValueOrDefault("sig") == signature ? null : StorageError.CopySource(403);

    private static bool IsPublic(StorageAccount account, StorageAddress address) => account.Store.Find(address.Container)?.IsPublic ?? false;

    private static StorageError? Read(StorageRequest request, StorageAccount account, StorageAddress address, out StoredBlob? source)
    {
        if (BlobLookup.Find(account, address, out source) is { } missing)
            return StorageError.CopySource(404) with { Message = missing.Message };
        if (!source!.Content.IsKept)
            return StorageError.Conflict("ContentNotKept", "The stub hashed this blob and let it go.");
        return Conditions.OnSource(request, source);
    }
}
