namespace TokenBroker.Proxy.CallerKey;

/// <summary>What a request is about, with names decoded to their bytes. All empty: the account's own scope.</summary>
internal readonly record struct SasResource(string Container, string Blob)
{
    public static SasResource Of(SignedRequest request)
    {
        var path = SignedRequest.Decode(request.Route.Path, plusIsSpace: false);
        if (path.Length <= 1)
            return new("", "");
        var slash = path.IndexOf('/', 1);
        if (slash >= 0)
            return new(path[1..slash], path[(slash + 1)..]);
        // One name alone is a blob of the root container, unless it is said to be a container.
        return IsContainer(request) ? new(path[1..], "") : new("$root", path[1..]);
    }

    private static bool IsContainer(SignedRequest request) => "container".Equals(request.Parameter("restype"), StringComparison.OrdinalIgnoreCase);
}
