namespace TokenBroker.Imds.Endpoint;

/// <summary>
/// Every answer of the endpoint that is not a token: one table. Where the real service's text is known it is used; the
/// README says which rows are not confirmed. Its documentation asks clients never to depend on the descriptions.
/// </summary>
internal sealed record Refusal(int Status, string Error, string? Description)
{
    internal static readonly Refusal MetadataHeader = Bad("Required metadata header not specified");
    internal static readonly Refusal Forwarded = Bad("Requests that carry an X-Forwarded-For header are rejected");
    internal static readonly Refusal ResourceMissing = Bad("Required query variable 'resource' is missing");
    internal static readonly Refusal IdentityNotFound = Bad("Identity not found");
    internal static readonly Refusal SeveralIdentities =
        Bad("Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request");
    internal static readonly Refusal SeveralSelectors =
        Bad("Only one of client_id, object_id and msi_res_id can be specified in the token request");

    /// <summary>Its shape is the whole metadata service's, not the token endpoint's: no description.</summary>
    internal static readonly Refusal ApiVersion =
        new(400, "Bad request. api-version is invalid or was not specified in the request.", null);

    internal static readonly Refusal NotFound = new(404, "Not found", null);
    internal static readonly Refusal Method = new(405, "Method not allowed", null);
    internal static readonly Refusal TooManyRequests = new(429, "too_many_requests", "Too many requests");

    internal static Refusal Repeated(string parameter) => Bad($"Query variable '{parameter}' is specified more than once");

    internal static Refusal UnknownResource(string resource, Guid tenant) => new(400, "invalid_resource",
        $"AADSTS50001: The application named {resource} was not found in the tenant named {tenant}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.");

    private static Refusal Bad(string description) => new(400, "invalid_request", description);
}
