using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace TokenBroker.TestSupport.Storage;

/// <summary>Makes the record of a request from the bytes of its head.</summary>
internal static class Recording
{
    public static RecordedRequest Begin(HttpContext context)
    {
        var feature = context.Features.GetRequiredFeature<IHttpRequestFeature>();
        var line = $"{feature.Method} {feature.RawTarget} {feature.Protocol}\r\n";
        var head = context.Features.GetRequiredFeature<HeadCapture>().Take(Encoding.Latin1.GetBytes(line));
        if (head.Length == 0)
            throw new InvalidOperationException("The head of a request was not captured: the stub is at fault, not the test.");
        return new RecordedRequest(feature.Method, feature.RawTarget, head, Headers(head));
    }

    private static List<KeyValuePair<string, string>> Headers(byte[] head)
    {
        var headers = new List<KeyValuePair<string, string>>();
        foreach (var line in Encoding.Latin1.GetString(head).Split('\n').Skip(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
                headers.Add(new(line[..colon], line[(colon + 1)..].Trim(' ', '\t', '\r')));
        }
        return headers;
    }
}
