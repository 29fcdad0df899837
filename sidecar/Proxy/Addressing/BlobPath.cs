namespace TokenBroker.Proxy.Addressing;

/// <summary>The raw path behind the account, cut once: its first segment, and what follows the slash after it.</summary>
internal readonly struct BlobPath
{
    /// <summary>The container of blobs whose path names none.</summary>
    public const string RootContainer = "$root";

    private readonly int _slash;

    /// <param name="raw">Empty, or beginning with a slash.</param>
    public BlobPath(string raw) => (Raw, _slash) = (raw, raw.Length > 1 ? raw.IndexOf('/', 1) : -1);

    /// <summary>The path as the client wrote it; empty, or beginning with a slash.</summary>
    public string Raw { get; }

    /// <summary>True if the path is the account's own.</summary>
    public bool IsAccount => Raw.Length <= 1;

    /// <summary>The first segment as the client wrote it.</summary>
    public ReadOnlySpan<char> RawFirst => IsAccount ? default : Raw.AsSpan(1, (_slash < 0 ? Raw.Length : _slash) - 1);

    /// <summary>The first segment as storage reads it. <see cref="PathRules"/> allows nothing encoded there but the dollar sign.</summary>
    public string First => Plain(RawFirst.ToString());

    /// <summary>True if a slash follows the first segment.</summary>
    public bool HasRest => _slash >= 0;

    /// <summary>True if something follows that slash.</summary>
    public bool HasBlob => HasRest && _slash < Raw.Length - 1;

    /// <summary>What follows the slash after the first segment, as the client wrote it; empty if there is nothing.</summary>
    public ReadOnlySpan<char> RawRest => HasRest ? Raw.AsSpan(_slash + 1) : default;

    /// <summary>The container of a blob with this path; null if the path names none.</summary>
    public string? ContainerOfBlob => IsAccount ? null : HasRest ? First : RootContainer;

    /// <summary>A container's name with its dollar sign, which clients may encode.</summary>
    public static string Plain(string container) => container.Replace("%24", "$", StringComparison.Ordinal);
}
