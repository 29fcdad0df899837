using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using TokenBroker.Imds.Identities;

namespace TokenBroker.Imds.Endpoint;

/// <summary>A request to the token path, read once: what it asks for, and whether it is allowed.</summary>
internal sealed class TokenRequest
{
    internal const string Path = "/metadata/identity/oauth2/token";

    private readonly HttpRequest _request;
    private readonly Dictionary<string, StringValues> _query;

    internal TokenRequest(HttpContext context)
    {
        _request = context.Request;
        // Parsed from the raw target: a resource that the client did not percent-encode is also read correctly.
        Target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var mark = Target.IndexOf('?', StringComparison.Ordinal);
        _query = QueryHelpers.ParseQuery(mark < 0 ? "" : Target[mark..]);
        Resource = First("resource");
        Selector = IdentitySelector.Names.Where(_query.ContainsKey)
            .Select(name => (IdentitySelector?)new IdentitySelector(name, First(name)!)).FirstOrDefault();
    }

    internal string Target { get; }

    internal string? Resource { get; }

    internal IdentitySelector? Selector { get; }

    /// <summary>Whether it counts towards the managed-identity category's limit.</summary>
    internal bool IsForToken => _request.Path.Equals(Path, StringComparison.OrdinalIgnoreCase);

    /// <summary>The rules that do not depend on the requested identity, in the order in which they are checked.</summary>
    internal Refusal? Check(KnownResources resources, Guid tenant) => this switch
    {
        { IsForToken: false } => Refusal.NotFound,
        _ when !HttpMethods.IsGet(_request.Method) => Refusal.Method,
        _ when _request.Headers["Metadata"] is not ["true"] => Refusal.MetadataHeader,
        _ when _request.Headers.ContainsKey("X-Forwarded-For") => Refusal.Forwarded,
        _ when RepeatedParameter is { } name => Refusal.Repeated(name),
        _ when !ApiVersions.Contains(First("api-version")) => Refusal.ApiVersion,
        { Resource: null or "" } => Refusal.ResourceMissing,
        _ when IdentitySelector.Names.Count(_query.ContainsKey) > 1 => Refusal.SeveralSelectors,
        _ when !resources.Contains(Resource) => Refusal.UnknownResource(Resource, tenant),
        _ => null,
    };

    private string? RepeatedParameter => _query.FirstOrDefault(p => p.Value.Count > 1).Key;

    private string? First(string name) => _query.TryGetValue(name, out var values) ? values[0] : null;
}
