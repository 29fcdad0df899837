namespace TokenBroker.Tokens.Answers;

/// <summary>The audience of all tokens.</summary>
internal static class StorageAudience
{
    /// <summary>Every storage account of every cloud accepts it.</summary>
    public const string Uri = "https://storage.azure.com/";
}
