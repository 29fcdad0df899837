using TokenBroker.Configuration;

namespace TokenBroker.Diagnosis.Checks;

/// <summary>Whether variables name a web proxy. Their values may hold a password, and are not shown.</summary>
internal static class WebProxyCheck
{
    private static readonly string[] Variables = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy", "all_proxy"];

    public static Finding Judge(ProcessEnvironment environment)
    {
        var set = Variables.Where(name => environment[name] is not null).ToList();
        return Finding.Of(Finding.Host, set.Count == 0 ? Cause.ProxyNone : Cause.ProxyVariables, ("variables", string.Join(", ", set)));
    }
}
