using System.Net;
using TokenBroker.TestSupport.Storage;

namespace TokenBroker.EndToEnd.Lifetime;

/// <summary>A streamed upload that stops in its middle: half of the body at once, the other half once the task ends.</summary>
internal sealed class HeldContent(int length, Task rest) : HttpContent
{
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        var bytes = new byte[length];
        Pattern.Fill(bytes, 0);
        await stream.WriteAsync(bytes.AsMemory(..(length / 2)));
        await stream.FlushAsync();
        await rest;
        await stream.WriteAsync(bytes.AsMemory(length / 2));
    }

    protected override bool TryComputeLength(out long computed)
    {
        computed = length;
        return true;
    }
}
