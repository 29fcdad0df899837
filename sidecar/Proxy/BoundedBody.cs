namespace TokenBroker.Proxy;

/// <summary>Gathers a body that has to be known whole before it can be sent, up to a limit.</summary>
internal static class BoundedBody
{
    /// <param name="body">The body.</param>
    /// <param name="most">The limit in bytes.</param>
    /// <param name="cancellation">The client's end.</param>
    /// <returns>The bytes; null if there are more than the limit. What is beyond it was not read.</returns>
    /// <exception cref="IOException">The body broke off.</exception>
    public static async Task<byte[]?> ReadAsync(Stream body, int most, CancellationToken cancellation)
    {
        using var gathered = new MemoryStream();
        var buffer = new byte[Math.Min(most + 1, 64 * 1024)];
        while (await body.ReadAsync(buffer, cancellation) is var count && count > 0)
        {
            if (gathered.Length + count > most)
                return null;
            gathered.Write(buffer, 0, count);
        }

        return gathered.ToArray();
    }
}
