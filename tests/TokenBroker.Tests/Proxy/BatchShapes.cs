using Xunit;

namespace TokenBroker.Tests.Proxy;

/// <summary>
/// Where libraries send a batch and how they write the targets of its parts: the outer target, its Host (empty: the listener's
/// own), the part's target, and the container and blob that storage must be asked for, or the reason of a refusal.
/// </summary>
internal static class BatchShapes
{
    private const string Account = "/acct?comp=batch", AccountSlash = "/acct/?comp=batch", Container = "/acct/c?restype=container&comp=batch",
        Own = "/acct/acct?restype=container&comp=batch", Web = "/acct/$web?restype=container&comp=batch", Taken = "/acct/other?restype=container&comp=batch";

    public static TheoryData<string, string, string, string> All => new()
    {
        { Account, "", "/acct/c/x", "c/x" }, // JavaScript, Go, Rust, Python with a full URL, Java with a URL
        { AccountSlash, "", "acct/c/x", "c/x" }, // .NET
        { Account, "", "acct/c/a%20b/x%2Fy?snapshot=1", "c/a%20b/x%2Fy?snapshot=1" },
        { AccountSlash, "", "/c/x", "c/x" }, // Java with names, Python
        { Account, "", "/c/x?", "c/x" },
        { Account, "", "/c/x?sv=2021-06-08&sig=abc&snapshot=1", "c/x?snapshot=1" },
        { Account, "", "c/x", "c/x" },
        { Account, "", "acct/c/s3://x", "c/s3://x" },
        { Account, "", "c/x?snapshot=a://b", "c/x?snapshot=a://b" },
        { Account, "", "/c/acct/x", "c/acct/x" },
        { Account, "", "/c//x", "c//x" },
        { Account, "", "/stranger/c/b", "stranger/c/b" },
        { Account, "", "/%24web/x", "%24web/x" },
        { Account, "", "/$root/x", "$root/x" },
        { Account, "", "/acct/acct/x", "batch-part-ambiguous" },
        { Account, "", "acct/acct/x/y", "batch-part-ambiguous" },
        { Account, "", "/other/c/x", "batch-part-elsewhere" },
        { Account, "", "/acct-secondary/c/x", "batch-part-elsewhere" },
        { Account, "", "/other-secondary/c/x", "secondary-unknown" },
        { Account, "", "/ACCT/c/x", "account-unknown" },
        { Account, "", "/C/x", "account-unknown" },
        { Account, "", "/$other/x", "account-unknown" },
        { Account, "", "/c", "account-unknown" },
        { Account, "", "/c/", "account-unknown" },
        { Account, "", "//c/x", "account-missing" },
        { Account, "", "/acct//x", "container-missing" },
        { Account, "", "/c/../d/x", "dot-segment" },
        { Account, "", "c/%2e%2e/d/x", "dot-segment" },
        { Account, "", "http://127.0.0.1/acct/c/x", "target-form" },
        { Account, "", "https://acct.blob.core.windows.net/c/x", "target-form" },
        { Account, "", "*", "account-unknown" },
        { Container, "", "/acct/c/x", "c/x" },
        { Container, "", "acct/c/x", "c/x" },
        { Container, "", "/c/x", "c/x" },
        { Container, "", "c/x/y", "c/x/y" },
        { Container, "", "/c/c/x", "c/c/x" },
        { Container, "", "/c/acct/x", "c/acct/x" },
        { Container, "", "/acct/d/x", "batch-part-elsewhere" },
        { Container, "", "/d/x", "batch-part-elsewhere" },
        { Container, "", "/acct/x", "batch-part-elsewhere" },
        { Container, "", "/x", "account-unknown" },
        { Web, "", "/%24web/x", "%24web/x" },
        { Web, "", "acct/%24web/x", "%24web/x" },
        { Own, "", "/acct/x", "acct/x" },
        { Own, "", "acct/x/y", "acct/x/y" },
        { Own, "", "/acct/acct/x", "batch-part-ambiguous" },
        { Taken, "", "/other/x", "other/x" }, // an account of this name is served as well
        { Taken, "", "/acct/other/x", "other/x" },
        { "/?comp=batch", "acct.localhost", "/c/x", "c/x" },
        { "/?comp=batch", "acct.blob.localhost", "c/x", "c/x" },
        { "/?comp=batch", "acct.localhost", "/acct/c/x", "acct/c/x" }, // the Host has named the account
        { "/c?restype=container&comp=batch", "acct.localhost", "/c/x", "c/x" },
        { "/c?restype=container&comp=batch", "acct.localhost", "/acct/c/x", "batch-part-elsewhere" },
    };
}
