namespace TokenBroker.Tokens.Sources;

/// <summary>
/// The body of an identity endpoint's error answer. Status and Retry-After have already arrived and are valid without the
/// body: if the body is long, slow or cut off, only its code is not read.
/// </summary>
internal static class ErrorBody
{
    /// <summary>An error answer has a few hundred bytes; the code of a longer one is not read.</summary>
    private const int MaxReadBytes = 8 * 1024;

    /// <returns>The code; null if it cannot be read within the attempt's time.</returns>
    public static async Task<string?> ReadCodeAsync(HttpContent content, CancellationToken attempt)
    {
        try
        {
            await using var stream = await content.ReadAsStreamAsync(attempt);
            var buffer = new byte[MaxReadBytes];
            var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, attempt);
            return TokenErrorCode.Read(buffer.AsMemory(0, length));
        }
        catch (Exception error) when (error is IOException or HttpRequestException or OperationCanceledException)
        {
            return null;
        }
    }
}
