using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using TokenBroker.Imds.Faults;
using TokenBroker.Imds.Record;
using TokenBroker.Imds.Tokens;

namespace TokenBroker.Imds.Control;

/// <summary>
/// The control endpoint: reads the record and the tokens, injects and clears faults. JSON throughout. Never rate limited,
/// never in the record.
/// </summary>
internal sealed class ControlEndpoint(ImdsEmulatorOptions options, RequestLog log, FaultBoard faults, TokenIssuer issuer)
{
    private static readonly string[] Routes =
    [
        "GET /requests: every request to the metadata endpoint, in order", "DELETE /requests: empty the record",
        "GET /tokens: every token that was issued, with its value", "GET /identities: the assigned identities, with all ids",
        "GET /faults: the injected faults", "POST /faults: add a fault, a JSON object with at least 'kind'",
        "DELETE /faults: remove all faults and release the requests that hang", "DELETE /faults/ID: remove one fault",
    ];

    private static readonly string[] Kinds =
        [.. Enum.GetValues<FaultKind>().Select(kind => JsonNamingPolicy.KebabCaseLower.ConvertName(kind.ToString()))];

    internal Task HandleAsync(HttpContext context)
    {
        var request = context.Request;
        // A browser always sends this header with a cross-site POST; no other client sends it.
        if (request.Headers.Origin.Count > 0)
            return WriteAsync(context, 403, new("requests from a web page are refused"), ControlJson.Plain.ControlProblem);
        return (request.Method, request.Path.Value) switch
        {
            ("GET", "/") => WriteAsync(context, 200, new(Routes, Kinds), ControlJson.Plain.ControlHelp),
            ("GET", "/requests") => WriteAsync(context, 200, log.Snapshot(), ControlJson.Plain.IReadOnlyListRecordedRequest),
            ("DELETE", "/requests") => ClearRequestsAsync(context),
            ("GET", "/tokens") => WriteAsync(context, 200, issuer.Issued, ControlJson.Plain.IReadOnlyListIssuedToken),
            ("GET", "/identities") => WriteAsync(context, 200, options.Identities, ControlJson.Plain.IReadOnlyListEmulatedIdentity),
            ("GET", "/faults") => WriteAsync(context, 200, [.. faults.All.Select(View)], ControlJson.Plain.IReadOnlyListFaultView),
            ("POST", "/faults") => InjectAsync(context),
            ("DELETE", "/faults") => ClearFaultsAsync(context, faults.All),
            ("DELETE", { } path) when FaultAt(path) is { } fault => ClearFaultsAsync(context, [fault]),
            _ => WriteAsync(context, 404, new("no such route: GET / lists them"), ControlJson.Plain.ControlProblem),
        };
    }

    private async Task InjectAsync(HttpContext context)
    {
        try
        {
            var fault = await JsonSerializer.DeserializeAsync(context.Request.Body, ControlJson.Plain.Fault, context.RequestAborted);
            var problem = fault is null ? "a fault is a JSON object with at least 'kind'" : fault.Problem(options.Identities);
            await (problem is null
                ? WriteAsync(context, 201, View(faults.Inject(fault!)), ControlJson.Plain.FaultView)
                : WriteAsync(context, 400, new(problem), ControlJson.Plain.ControlProblem));
        }
        catch (JsonException e)
        {
            await WriteAsync(context, 400, new($"{e.Path ?? "$"}: not understood: GET / lists the kinds, and the fields are kind, identity, count, duration, delay, status, retryAfter, retryAfterAsDate, error, errorDescription, skew; durations are texts such as 2s"), ControlJson.Plain.ControlProblem);
        }
    }

    private Task ClearRequestsAsync(HttpContext context)
    {
        var count = log.Snapshot().Count;
        log.Clear();
        return WriteAsync(context, 200, new(count), ControlJson.Plain.Cleared);
    }

    private static Task ClearFaultsAsync(HttpContext context, IReadOnlyList<InjectedFault> which)
    {
        foreach (var fault in which)
            fault.Clear();
        return WriteAsync(context, 200, new(which.Count), ControlJson.Plain.Cleared);
    }

    private InjectedFault? FaultAt(string path) =>
        path.StartsWith("/faults/", StringComparison.Ordinal)
        && int.TryParse(path["/faults/".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? faults.All.FirstOrDefault(f => f.Id == id)
            : null;

    private static FaultView View(InjectedFault fault) => new(fault.Id, fault.IsActive, fault.Met, fault.Fault);

    private static async Task WriteAsync<T>(HttpContext context, int status, T value, JsonTypeInfo<T> type)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        var body = JsonSerializer.SerializeToUtf8Bytes(value, type);
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }
}
