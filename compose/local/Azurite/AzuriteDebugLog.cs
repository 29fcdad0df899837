namespace TokenBroker.Local.Azurite;

/// <summary>
/// Azurite's debug log, read to find out which credential authorised each request. The sentences are those of its
/// authenticators in version 3.35.0. Only the start of a message is compared, so that a blob name cannot look like one.
/// </summary>
public sealed class AzuriteDebugLog(string file)
{
    private const string Bearer = "BlobTokenAuthenticator:authenticateBasic() Validation against token authentication successfully.";

    private static readonly string[] SharedKey =
        ["BlobSharedKeyAuthenticator:validate() Signature 1 matched.", "BlobSharedKeyAuthenticator:validate() Signature 2 matched."];

    private static readonly string[] Sas =
    [
        "AccountSASAuthenticator:validate() Account SAS validation successfully.",
        "BlobSASAuthenticator:validate() Blob service SAS validation successfully.",
    ];

    private const string PublicAuthenticator = "PublicAccessAuthenticator:validate() Operation ";
    private const string PublicPassed = "public access list. Validation passed.";

    /// <summary>How many requests Azurite has accepted so far, by each kind of credential.</summary>
    public AzuriteAdmissions Read()
    {
        var admissions = new AzuriteAdmissions(0, 0, 0, 0);
        // Azurite has the file open for writing.
        using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        while (reader.ReadLine() is { } line)
            admissions = Count(admissions, MessageOf(line));
        return admissions;
    }

    private static AzuriteAdmissions Count(AzuriteAdmissions sum, ReadOnlySpan<char> message)
    {
        if (message.StartsWith(Bearer))
            return sum with { ByBearer = sum.ByBearer + 1 };
        if (StartsWithAny(message, SharedKey))
            return sum with { BySharedKey = sum.BySharedKey + 1 };
        if (StartsWithAny(message, Sas))
            return sum with { BySas = sum.BySas + 1 };
        if (message.StartsWith(PublicAuthenticator) && message.EndsWith(PublicPassed))
            return sum with { ByPublicAccess = sum.ByPublicAccess + 1 };
        return sum;
    }

    // "<time> <request id> <level>: <message>"; neither of the first three holds ": ".
    private static ReadOnlySpan<char> MessageOf(string line)
    {
        var end = line.IndexOf(": ", StringComparison.Ordinal);
        return end < 0 ? [] : line.AsSpan(end + 2);
    }

    private static bool StartsWithAny(ReadOnlySpan<char> message, string[] sentences)
    {
        foreach (var sentence in sentences)
        {
            if (message.StartsWith(sentence))
                return true;
        }

        return false;
    }
}
