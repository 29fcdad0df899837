using System.Text.RegularExpressions;
using Azure.Storage;
using Azure.Storage.Sas;
using TokenBroker.EndToEnd.RealAddress;
using TokenBroker.Local;
using TokenBroker.TestSupport.Processes;

namespace TokenBroker.EndToEnd.ClientMatrix;

/// <summary>One of the two ways to storage: straight to it with the account's key over TLS, or through the sidecar with a key that opens nothing.</summary>
/// <param name="Endpoint">The account's blob endpoint.</param>
/// <param name="AuthorityFile">What the endpoint's certificate comes from, as a PEM file; null where there is none.</param>
internal sealed partial record Leg(string Account, string Key, Uri Endpoint, string? AuthorityFile)
{
    public static Leg Direct(LocalEnvironment environment) =>
        new(environment.AccountName, environment.AccountKey, environment.StorageEndpoint, environment.CertificateAuthorityFile);

    public static Leg Proxied(LocalEnvironment environment) =>
        new(environment.AccountName, LocalEnvironment.DummyKey, environment.ProxyEndpoint, null);

    /// <summary>The way through a sidecar that listens by https.</summary>
    /// <param name="environment">Where the account is.</param>
    /// <param name="endpoint">The account at that sidecar.</param>
    /// <param name="authorityFile">What the sidecar's certificate comes from.</param>
    public static Leg ProxiedByHttps(LocalEnvironment environment, Uri endpoint, string authorityFile) =>
        new(environment.AccountName, LocalEnvironment.DummyKey, endpoint, authorityFile) { IsDirect = false, VerifiesSignatures = false };

    /// <summary>True if whoever answers looks at signatures: storage itself, or a sidecar that has a caller key.</summary>
    public bool VerifiesSignatures { get; init; } = AuthorityFile is not null;

    public bool IsDirect { get; init; } = AuthorityFile is not null;

    /// <summary>The network in which the sidecar listens and clients are started; null for that of this machine.</summary>
    public NetworkNamespace? Network { get; init; }

    /// <summary>The program, started in the network of this leg.</summary>
    public ProcessSpec Within(ProcessSpec spec) => Network?.Within(spec) ?? spec;

    /// <summary>The lines of a document with this leg's account, key and address in them, as a reader would put in their own.</summary>
    public string Fill(string lines)
    {
        var filled = KeyWord().Replace(AccountWord().Replace(lines, Account), Key)
            .Replace("http://127.0.0.1:11000", Endpoint.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal);
        filled = filled.Replace("port=11000", $"port={Endpoint.Port}", StringComparison.Ordinal)
            .Replace("secure=False", $"secure={(Endpoint.Scheme == Uri.UriSchemeHttps ? "True" : "False")}", StringComparison.Ordinal);
        return filled.Replace("DefaultEndpointsProtocol=http;", $"DefaultEndpointsProtocol={Endpoint.Scheme};", StringComparison.Ordinal);
    }

    /// <summary>A SAS of the account, signed with this leg's key, for clients that sign nothing by themselves.</summary>
    public string AccountSas()
    {
        var expiry = TimeProvider.System.GetUtcNow().AddHours(1);
        var sas = new AccountSasBuilder(AccountSasPermissions.All, expiry, AccountSasServices.Blobs, AccountSasResourceTypes.All);
        return sas.ToSasQueryParameters(new StorageSharedKeyCredential(Account, Key)).ToString();
    }

    /// <summary>Where clients look for authorities that they are to trust.</summary>
    public IReadOnlyDictionary<string, string?> Trust => AuthorityFile is null
        ? new Dictionary<string, string?>()
        : new Dictionary<string, string?>
        {
            ["SSL_CERT_FILE"] = AuthorityFile,
            ["REQUESTS_CA_BUNDLE"] = AuthorityFile,
            ["CURL_CA_BUNDLE"] = AuthorityFile,
            ["NODE_EXTRA_CA_CERTS"] = AuthorityFile,
        };

    // As whole words: AZURE_ACCOUNT_NAME stays as it is.
    [GeneratedRegex(@"\bACCOUNT\b")]
    private static partial Regex AccountWord();

    [GeneratedRegex(@"\bKEY\b")]
    private static partial Regex KeyWord();
}
