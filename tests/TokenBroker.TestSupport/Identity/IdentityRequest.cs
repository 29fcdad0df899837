using System.Web;

namespace TokenBroker.TestSupport.Identity;

/// <summary>A request to a platform's identity endpoint, as it came.</summary>
public sealed record IdentityRequest(string Method, string Path, string RawQuery, IReadOnlyDictionary<string, string> Headers, string Body)
{
    /// <summary>The one value of a query parameter; null if it was not sent.</summary>
    public string? Query(string name) => HttpUtility.ParseQueryString(RawQuery)[name];

    /// <summary>A field of the body, where the body is a form.</summary>
    public string? Form(string name) => HttpUtility.ParseQueryString(Body)[name];

    /// <summary>A header's value; null if it was not sent.</summary>
    public string? Header(string name) => Headers.GetValueOrDefault(name);

    /// <summary>The status that it was answered with; 0 while it is held.</summary>
    public int Status { get; internal set; }

    // Neither headers nor body: both may hold a credential, and failed assertions are printed.
    public override string ToString() => $"{Method} {Path} → {Status}";
}
