namespace TokenBroker.Tokens.Sources;

/// <summary>
/// The body of an identity endpoint's error answer. Status and Retry-After have arrived and count by themselves: a body
/// that is long, slow or cut off takes nothing from them, and is only not looked at for a code.
/// </summary>
internal static class ErrorBody
{
    /// <summary>An error answer has a few hundred bytes; the code of a longer one is not looked for.</summary>
    private const int LongestRead = 8 * 1024;

    /// <returns>The code; null if there is none to be had within the attempt's time.</returns>
    public static async Task<string?> ReadCodeAsync(HttpContent content, CancellationToken attempt)
    {
        try
        {
            await using var stream = await content.ReadAsStreamAsync(attempt);
            var buffer = new byte[LongestRead];
            var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, attempt);
            return TokenErrorCode.Read(buffer.AsMemory(0, length));
        }
        catch (Exception error) when (error is IOException or HttpRequestException or OperationCanceledException)
        {
            return null;
        }
    }
}
