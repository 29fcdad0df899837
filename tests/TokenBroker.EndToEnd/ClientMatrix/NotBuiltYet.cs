namespace TokenBroker.EndToEnd.ClientMatrix;

/// <summary>Parts of the product that cells of the matrix wait for. A cell that needs one of these is skipped.</summary>
internal static class NotBuiltYet
{
    public const string Batch = "the rewriting of Blob Batch (F3)";
    public const string SasHeaders = "the response headers of a SAS (F2)";
    public const string CopySources = "the rewriting of copy sources (F4)";
    public const string Chunked = "the length of small chunked uploads (F7)";

    /// <summary>What is not there yet.</summary>
    public static readonly IReadOnlyList<string> Parts = [];
}
