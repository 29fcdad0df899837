using TokenBroker.Proxy.Addressing;

namespace TokenBroker.Proxy.Rewriting;

/// <summary>
/// The response headers that a SAS asks for. Storage applies them only with the SAS, which it does not see. So they are applied
/// here, to storage's answer to a read.
/// </summary>
internal sealed class ResponseOverrides
{
    private static readonly (string Parameter, string Header)[] Table =
    [
        ("rscc", "Cache-Control"), ("rscd", "Content-Disposition"), ("rsce", "Content-Encoding"), ("rscl", "Content-Language"), ("rsct", "Content-Type"),
    ];

    private readonly List<(string Header, string Value)> _headers = [];

    private ResponseOverrides()
    {
    }

    /// <param name="query">The query.</param>
    /// <param name="overrides">Null without overrides, or without a signature: storage then ignores them too.</param>
    /// <returns>The refusal; null if there is none.</returns>
    public static Refusal? Read(BlobQuery query, out ResponseOverrides? overrides)
    {
        overrides = null;
        if (!query.HasSignature)
            return null;
        foreach (var (parameter, header) in Table)
        {
            // Some SDKs write a space as a plus sign here.
            if (query.RawValue(parameter)?.Replace('+', ' ') is not { Length: > 0 } raw)
                continue;
            var value = Uri.UnescapeDataString(raw);
            if (value.Any(c => c is < ' ' or '\x7f' or > '\xff'))
                return Refusal.OverrideInvalid;
            (overrides ??= new())._headers.Add((header, value));
        }

        return null;
    }

    public void Apply(HttpRequest request, HttpResponse response)
    {
        if (response.StatusCode is < 200 or > 299 || !(HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)))
            return;
        foreach (var (header, value) in _headers)
            response.Headers[header] = value;
    }
}
