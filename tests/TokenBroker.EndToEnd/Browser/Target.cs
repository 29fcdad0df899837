namespace TokenBroker.EndToEnd.Browser;

/// <summary>What a page attacks; page/attempts.js says how.</summary>
/// <param name="Files">What it wants to read: the address for each way of reading.</param>
/// <param name="Write">Where it wants to change something.</param>
/// <param name="Header">The header that a client of the address sends, and its value.</param>
/// <param name="Mark">True if the server is to be told which attempt it is.</param>
internal sealed record Target(IReadOnlyDictionary<string, Uri> Files, Uri Write, IReadOnlyList<string> Header, bool Mark = false)
{
    /// <summary>The blobs of a <see cref="HostileScene"/>.</summary>
    /// <param name="data">Scheme, host and port.</param>
    public static Target Data(Uri data) => new(
        Blobs.Files.ToDictionary(file => file.Kind, file => new Uri(data, $"{Blobs.Path}/{file.Name}")),
        new Uri(data, $"{Blobs.Path}/{Blobs.OfThePage}"),
        ["x-ms-version", Sidecars.Http.Version]);

    /// <summary>The admin listener: its state is read, and a refresh is what can be changed.</summary>
    /// <param name="admin">Scheme, host and port.</param>
    public static Target Admin(Uri admin) => new(
        Blobs.Files.ToDictionary(file => file.Kind, file => new Uri(admin, file.Kind == "script" ? "/metrics" : "/health/ready")),
        new Uri(admin, "/tokens/refresh"),
        ["X-TokenBroker", "1"]);

    /// <summary>The same address with another name for the host.</summary>
    public static Uri Named(string host, Uri address) => new UriBuilder(address) { Host = host, Path = "/" }.Uri;
}
