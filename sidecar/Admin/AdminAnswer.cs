using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace TokenBroker.Admin;

/// <summary>The answer of <c>/health/live</c> and <c>/health/startup</c>, and of refusals.</summary>
/// <param name="Status">One word.</param>
/// <param name="Reason">The reason, if the request failed.</param>
/// <param name="WhatToDo">What to do, if anything.</param>
/// <param name="Since">Since when it is so.</param>
internal sealed record AdminAnswer(string Status, string? Reason = null, string? WhatToDo = null, DateTimeOffset? Since = null)
{
    public static Task WriteAsync(HttpContext context, int status, AdminAnswer answer) =>
        WriteAsync(context, status, answer, AdminJson.Default.AdminAnswer);

    public static Task WriteAsync<T>(HttpContext context, int status, T answer, JsonTypeInfo<T> type)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(answer, type, cancellationToken: context.RequestAborted);
    }
}
