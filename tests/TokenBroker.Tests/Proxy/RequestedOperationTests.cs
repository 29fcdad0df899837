using TokenBroker.Configuration;
using TokenBroker.Proxy.Policy;
using Xunit;

namespace TokenBroker.Tests.Proxy;

/// <summary>What each request of the Blob REST surface wants, and what is none of them.</summary>
public class RequestedOperationTests
{
    /// <summary>Path, method, restype, comp and what it wants: written here again, so that no row of the table changes unseen.</summary>
    private static readonly string[] Surface =
    [
        "/ GET - list admin", "/ GET - blobs tag+admin", "/ GET service properties admin", "/ PUT service properties admin",
        "/ GET service stats admin", "/ POST service userdelegationkey delegate", "/ GET account properties admin",
        "/ HEAD account properties admin", "/ POST - batch batch",
        "/c PUT container - admin", "/c GET container - read", "/c HEAD container - read", "/c DELETE container - admin",
        "/c GET container metadata read", "/c HEAD container metadata read", "/c PUT container metadata admin",
        "/c GET container acl admin", "/c HEAD container acl admin", "/c PUT container acl admin", "/c PUT container lease admin",
        "/c PUT container undelete admin", "/c PUT container rename admin", "/c GET container list list",
        "/c GET container blobs list+tag", "/c GET account properties admin", "/c HEAD account properties admin", "/c POST container batch batch",
        "/c POST container session delegate",
        "/c/b GET - - read", "/c/b HEAD - - read", "/c/b PUT - - write", "/c/b DELETE - - delete",
        "/c/b GET - metadata read", "/c/b HEAD - metadata read", "/c/b PUT - metadata write", "/c/b PUT - properties write",
        "/c/b PUT - lease write", "/c/b PUT - snapshot write", "/c/b PUT - undelete write", "/c/b PUT - tier write", "/c/b PUT - copy write",
        "/c/b PUT - block create", "/c/b GET - blocklist read", "/c/b PUT - blocklist write", "/c/b PUT - page write",
        "/c/b GET - pagelist read", "/c/b PUT - incrementalcopy write", "/c/b PUT - appendblock write", "/c/b PUT - seal write",
        "/c/b POST - query read", "/c/b GET - tags tag", "/c/b PUT - tags tag", "/c/b PUT - expiry write+delete",
        "/c/b PUT - immutabilitypolicies admin", "/c/b DELETE - immutabilitypolicies admin", "/c/b PUT - legalhold admin",
        "/c/b GET account properties admin", "/c/b HEAD account properties admin",
    ];

    private static RequestedOperation Of(string method, string path, string query = "", params (string Name, string Value)[] headers) =>
        TestRequest.Of(method, path + query, headers).Operation;

    private static string Query(string restType, string comp) =>
        "?timeout=5" + (restType == "-" ? "" : $"&restype={restType}") + (comp == "-" ? "" : $"&comp={comp}");

    [Fact]
    public void Every_row_of_the_table_is_written_down_here_and_no_other()
    {
        string[] paths = ["/", "/c", "/c/b"];
        var rows = from row in OperationTable.Rows
                   from method in row.Methods.Split('|')
                   select $"{paths[(int)row.Scope]} {method} {(row.RestType.Length == 0 ? "-" : row.RestType)} {(row.Comp.Length == 0 ? "-" : row.Comp)} {row.Operations.Words()}";
        Assert.Equal(Surface.Order(), rows.Order());
    }

    [Fact]
    public void Every_request_of_the_surface_wants_what_its_row_says_and_with_another_method_or_place_something_else()
    {
        foreach (var line in Surface)
        {
            var (path, method, restType, comp, words) = line.Split(' ') is [var a, var b, var c, var d, var e] ? (a, b, c, d, e) : default;
            Assert.Equal((line, words), (line, Of(method, path, Query(restType, comp)).Operations.Words()));
            foreach (var other in new[] { "/", "/c", "/c/b" }.SelectMany(_ => new[] { "GET", "HEAD", "PUT", "POST", "DELETE" }, (p, m) => (Path: p, Method: m)))
            {
                var known = Surface.FirstOrDefault(row => row.StartsWith($"{other.Path} {other.Method} {restType} {comp} ", StringComparison.Ordinal));
                // One segment without restype is a blob of the root container.
                if (other.Path == "/c" && restType == "-")
                    known = Surface.FirstOrDefault(row => row.StartsWith($"/c/b {other.Method} {restType} {comp} ", StringComparison.Ordinal));
                Assert.Equal((line, other, known?.Split(' ')[^1] ?? "unknown"), (line, other, Of(other.Method, other.Path, Query(restType, comp)).Operations.Words()));
            }
        }
    }

    [Theory]
    [InlineData("", "?comp=list", null)]
    [InlineData("/", "?comp=list", null)]
    [InlineData("/c", "?restype=container&comp=list", "c")]
    [InlineData("/c/", "?restype=container&comp=list", "c")]
    [InlineData("/c/b", "", "c")]
    [InlineData("/c//", "", "c")]
    [InlineData("/c/%2F", "", "c")]
    [InlineData("/b", "", "$root")]
    [InlineData("/$root/b", "", "$root")]
    [InlineData("/%24root/b", "", "$root")]
    [InlineData("/%24root", "?restype=container&comp=list", "$root")]
    [InlineData("/c", "?restype=account&comp=properties", "c")]
    public void The_container_is_the_one_that_storage_reads(string path, string query, string? container)
    {
        var asked = Of("GET", path, query);
        Assert.Equal(container, asked.Container);
        Assert.False(asked.Operations.HasFlag(BlobOperations.Unknown));
    }

    [Theory]
    [InlineData("undelete")]
    [InlineData("rename")]
    public void What_reaches_a_container_by_a_header_is_the_accounts_matter(string comp) =>
        Assert.Null(Of("PUT", "/c", $"?restype=container&comp={comp}").Container);

    [Theory]
    [InlineData("GET", "/c", "?restype=container&comp=LIST", "list")]
    [InlineData("GET", "/c", "?RESTYPE=Container&Comp=List", "list")]
    [InlineData("GET", "/c", "?restype=c%6fntainer&comp=li%53t", "list")]
    [InlineData("PUT", "/c/b", "?comp=block%6Cist", "write")]
    [InlineData("PUT", "/c/b", "?comp=block%6cIST&x", "write")]
    [InlineData("PUT", "/c/b", "?comp=block%256Cist", "unknown")]
    [InlineData("PUT", "/c/b", "?comp=bloc%E2%84%AA", "unknown")]
    [InlineData("PUT", "/c/b", "?comp=block%20", "unknown")]
    [InlineData("PUT", "/c/b", "?comp=block+", "unknown")]
    [InlineData("PUT", "/c/b", "?comp=block%00", "unknown")]
    [InlineData("GET", "/c/b", "?comp=", "unknown")]
    [InlineData("GET", "/c/b", "?comp", "unknown")]
    [InlineData("GET", "/c/b", "?restype=", "unknown")]
    [InlineData("DELETE", "/c", "?restype=", "unknown")]
    [InlineData("GET", "/c/b", "?restype=container", "unknown")]
    [InlineData("GET", "/", "?restype=container&comp=list", "unknown")]
    [InlineData("GET", "/c/", "", "unknown")]
    [InlineData("GET", "/c/b", "?+comp=tags", "unknown")]
    [InlineData("GET", "/c/b", "??comp=tags", "unknown")]
    [InlineData("GET", "/c/b", "?x;comp=tags", "unknown")]
    [InlineData("GET", "/c", "?restype=container&comp=list&prefix=a;comp=acl", "unknown")]
    [InlineData("GET", "/c", "?restype=container&comp=list&prefix=a%3Bcomp=acl", "list")]
    [InlineData("GET", "/c/%252e%252e/%252E./d/b", "", "unknown")]
    [InlineData("GET", "/c/a%255c..%252fb", "", "unknown")]
    [InlineData("GET", "/;x=1", "", "unknown")]
    [InlineData("GET", "/b;x=1", "", "read")]
    [InlineData("GET", "/c/100%25", "", "read")]
    [InlineData("GET", "/c/50%252Fhalf", "", "read")]
    [InlineData("PUT", "/c/b", "?resource=directory", "unknown")]
    [InlineData("PUT", "/c/b", "?action=append", "unknown")]
    [InlineData("GET", "/c/b", "?snapshot=x&versionid=y&timeout=3", "read")]
    [InlineData("DELETE", "/c/b", "?snapshot=x&deletetype=permanent", "delete")]
    [InlineData("GET", "/c", "?restype=container&comp=list&include=metadata,t%61gs", "list+tag")]
    [InlineData("GET", "/c", "?restype=container&comp=list&include=%2574ags", "list+tag")]
    [InlineData("GET", "/c", "?restype=container&comp=list&include=metadata", "list")]
    [InlineData("PATCH", "/c/b", "", "unknown")]
    [InlineData("POST", "/c/b", "?comp=query&snapshot=2026-01-01T00%3A00%3A00.0000000Z&timeout=30", "read")]
    [InlineData("POST", "/c", "?restype=container&comp=SESSI%4Fn", "delegate")]
    [InlineData("POST", "/c/b", "?comp=query&x=%26comp%3Dsession", "unknown")]
    [InlineData("POST", "/", "?comp=batch&x=a+b", "unknown")]
    [InlineData("POST", "/", "?comp=batch&x=%2561", "unknown")]
    public void Spellings_of_one_request_want_the_same_and_what_could_be_two_is_unknown(string method, string path, string query, string words) =>
        Assert.Equal(words, Of(method, path, query).Operations.Words());

    [Theory]
    [InlineData("", "If-None-Match", "*", "create")]
    [InlineData("?comp=blocklist", "if-none-match", "*", "create")]
    [InlineData("", "If-None-Match", "*,*", "write")]
    [InlineData("", "If-None-Match", "\"*\"", "write")]
    [InlineData("", "If-None-Match", "", "write")]
    [InlineData("?comp=metadata", "If-None-Match", "*", "write")]
    [InlineData("?comp=page", "If-None-Match", "*", "write")]
    [InlineData("", "x-ms-source-if-none-match", "*", "write")]
    [InlineData("", "x-ms-tags", "a=b", "write+tag")]
    [InlineData("?comp=blocklist", "X-MS-Tags", "", "write+tag")]
    [InlineData("", "x-ms-if-tags", "a=b", "write+tag")]
    [InlineData("", "x-ms-copy-source-tag-option", "copy", "write+tag")]
    [InlineData("", "x-ms-copy-source-tag-option", "REPLACE", "write")]
    [InlineData("", "x-ms-copy-source-tag-option", "KEEP", "write+tag")]
    [InlineData("", "X-Method-Override", "DELETE", "unknown")]
    [InlineData("", "x-ms-legal-hold", "true", "write+admin")]
    [InlineData("", "x-ms-immutability-policy-until-date", "x", "write+admin")]
    [InlineData("", "x-ms-expiry-option", "RelativeToNow", "write+delete")]
    [InlineData("", "x-ms-rename-source", "/d/b", "unknown")]
    [InlineData("", "X-HTTP-Method-Override", "DELETE", "unknown")]
    public void Headers_that_change_the_meaning_change_what_is_wanted(string query, string name, string value, string words) =>
        Assert.Equal(words, Of("PUT", "/c/b", query, (name, value)).Operations.Words());

    [Fact]
    public void A_second_condition_makes_a_write_of_what_would_only_create() =>
        Assert.Equal(BlobOperations.Write, Of("PUT", "/c/b", "", ("If-None-Match", "*"), ("If-Match", "\"x\"")).Operations);
}
