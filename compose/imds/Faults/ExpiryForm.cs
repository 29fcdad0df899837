using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using TokenBroker.Imds.Endpoint;

namespace TokenBroker.Imds.Faults;

/// <summary>Writes the expiry of an answer in the form that a fault names.</summary>
internal static class ExpiryForm
{
    internal static bool IsJson(string? form)
    {
        try
        {
            if (form is not null)
                JsonDocument.Parse(Fill(form, DateTimeOffset.UnixEpoch, TimeSpan.Zero)).Dispose();
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    internal static Answer Write(Answer whole, Fault fault, DateTimeOffset now)
    {
        var body = JsonNode.Parse(whole.Body)!.AsObject();
        foreach (var (name, form) in new[] { ("expires_on", fault.ExpiresOn), ("expires_in", fault.ExpiresIn) })
        {
            body.Remove(name);
            if (form is not null)
                body[name] = JsonNode.Parse(Fill(form, whole.Token!.ExpiresAt, whole.Token.ExpiresAt - now));
        }

        return whole with { Body = Encoding.UTF8.GetBytes(body.ToJsonString()) };
    }

    private static string Fill(string form, DateTimeOffset expiry, TimeSpan left) => form
        .Replace("{seconds}", Text(expiry.ToUnixTimeSeconds()), StringComparison.Ordinal)
        .Replace("{milliseconds}", Text(expiry.ToUnixTimeMilliseconds()), StringComparison.Ordinal)
        .Replace("{life}", Text((long)left.TotalSeconds), StringComparison.Ordinal)
        .Replace("{iso}", expiry.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("{american}", expiry.UtcDateTime.ToString("M/d/yyyy h:mm:ss tt +00:00", CultureInfo.InvariantCulture), StringComparison.Ordinal);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
