using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace TokenBroker.Configuration;

/// <summary>
/// The keys with which callers sign. They are not Azure secrets, but a caller who knows one may use the identity. They
/// cannot be read back or printed.
/// </summary>
internal sealed class CallerKeys
{
    /// <summary>The minimum length in bytes, which is what HMAC-SHA256 can fully use.</summary>
    public const int MinBytes = 32;

    /// <summary>A new key and the one that it replaces.</summary>
    private const int MaxKeys = 2;

    private volatile byte[][] _keys;

    private CallerKeys(string path, byte[][] keys, bool isReadableByOthers) => (Path, _keys, IsReadableByOthers) = (path, keys, isReadableByOthers);

    /// <summary>The file that they were read from.</summary>
    public string Path { get; }

    /// <summary>
    /// Every user of the host can read the file and so sign requests. This is not a fault: a secret that an orchestrator
    /// mounts has this mode in a container without other users, and the mode cannot be changed there.
    /// </summary>
    public bool IsReadableByOthers { get; }

    /// <summary>A new key, as text.</summary>
    public static string Generate() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(64));

    /// <param name="path">The file: one or two keys, each on its own line, and comment lines that begin with <c>#</c>.</param>
    /// <param name="keys">The keys.</param>
    /// <param name="problem">The text of the fault. It quotes neither the file nor its name, because the user may have written the key instead of the name.</param>
    public static bool TryRead(string path, [NotNullWhen(true)] out CallerKeys? keys, out string problem)
    {
        keys = null;
        string[] lines;
        UnixFileMode mode = default;
        try
        {
            lines = File.ReadAllLines(path);
            if (!OperatingSystem.IsWindows())
                mode = File.GetUnixFileMode(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            problem = error is FileNotFoundException or DirectoryNotFoundException
                ? "the file does not exist; give the path of a file with the key, not the key itself (`tokenbroker key` makes such a file)"
                : $"the file cannot be read ({error.GetType().Name}); let the sidecar's user read it";
            return false;
        }

        // A user who can write the file can change the key.
        problem = "users other than the owner can write the file and so change the key; run chmod 600 on it";
        if ((mode & (UnixFileMode.OtherWrite | UnixFileMode.GroupWrite)) != 0)
            return false;
        var texts = lines.Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#').ToList();
        problem = $"the file must have one key, or two keys during a rotation, each on its own line; it has {texts.Count} such lines";
        if (texts.Count is 0 or > MaxKeys)
            return false;
        problem = $"a key must be base64 text of at least {MinBytes} random bytes, as `tokenbroker key` prints it; the file has a line that is not a key";
        var read = texts.Select(Decode).ToArray();
        if (read.Any(key => key is null || key.Length < MinBytes))
            return false;
        keys = new(path, read!, mode.HasFlag(UnixFileMode.OtherRead));
        problem = "";
        return true;
    }

    /// <summary>Reads the file again. The keys stay as they are if it cannot be used.</summary>
    public bool TryReload(out string problem)
    {
        if (!TryRead(Path, out var newer, out problem))
            return false;
        _keys = newer._keys;
        return true;
    }

    /// <summary>True if one of the keys signed the text. Compared in constant time.</summary>
    public bool Signed(ReadOnlySpan<byte> text, ReadOnlySpan<byte> signature)
    {
        var signed = false;
        Span<byte> computed = stackalloc byte[HMACSHA256.HashSizeInBytes];
        foreach (var key in _keys)
        {
            HMACSHA256.HashData(key, text, computed);
            signed |= CryptographicOperations.FixedTimeEquals(computed, signature);
        }

        return signed;
    }

    public override string ToString() => $"{_keys.Length} caller key(s)";

    private static byte[]? Decode(string text)
    {
        var bytes = new byte[text.Length];
        return !text.Any(char.IsWhiteSpace) && Convert.TryFromBase64String(text, bytes, out var count) ? bytes[..count] : null;
    }
}
