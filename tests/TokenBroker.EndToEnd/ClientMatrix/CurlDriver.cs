using System.Globalization;
using System.Text.RegularExpressions;
using TokenBroker.TestSupport;

namespace TokenBroker.EndToEnd.ClientMatrix;

/// <summary>curl, which signs nothing: through the sidecar as docs/clients.md has it, directly with a SAS of the account.</summary>
internal sealed class CurlDriver : CommandLineDriver
{
    protected override IReadOnlyDictionary<string, Func<Task<object?>>> Operations(Leg leg, string lines, string container, TemporaryDirectory directory)
    {
        var curl = new CurlBlobs(leg, lines, container, directory);
        return new Dictionary<string, Func<Task<object?>>>
        {
            ["create"] = async () => new { made = await curl.SendAsync("PUT", "", "restype=container", "x-ms-meta-purpose: matrix"), head = await curl.SendAsync("HEAD", "", "restype=container"), again = await curl.SendAsync("PUT", "", "restype=container") },
            ["put-get"] = curl.PutGetAsync,
            ["range"] = async () => new { read = await curl.SendAsync("GET", "photo.jpg", "", "Range: bytes=1000-5999") },
            ["staged"] = curl.StagedAsync,
            ["list"] = async () => new { read = Regex.Matches(await curl.ReadAsync("", "restype=container&comp=list&prefix=photo"), "<Name>(.*?)</Name>").Select(name => name.Groups[1].Value).ToArray() },
            ["delete"] = async () => new { put = await curl.PutAsync("delete"), first = await curl.SendAsync("DELETE", "delete"), again = await curl.SendAsync("DELETE", "delete") },
            ["snapshot"] = async () => new { taken = await curl.SendAsync("PUT", "photo.jpg", "comp=snapshot"), only = await curl.SendAsync("DELETE", "photo.jpg"), kept = await curl.SendAsync("HEAD", "photo.jpg") },
            ["conditional"] = async () => new { exists = await curl.PutAsync("photo.jpg", "If-None-Match: *"), wrong = await curl.SendAsync("GET", "photo.jpg", "", "If-Match: \"0x123\"") },
            ["tags"] = async () => new { put = await curl.PutAsync("tags", "x-ms-tags: stage=first&a%20b=c"), read = await curl.ReadAsync("tags", "comp=tags") },
            ["append"] = async () => new { made = await curl.SendAsync("PUT", "append", "", "x-ms-blob-type: AppendBlob"), first = await curl.UploadAsync("append", "comp=appendblock", "one "), second = await curl.UploadAsync("append", "comp=appendblock", "two"), read = await curl.ReadAsync("append") },
            ["page"] = async () => new { made = await curl.SendAsync("PUT", "page", "", "x-ms-blob-type: PageBlob", "x-ms-blob-content-length: 1024"), written = await curl.UploadAsync("page", "comp=page", Bytes.Content(512), "Range: bytes=512-1023", "x-ms-page-write: update"), read = await curl.SendAsync("GET", "page") },
            ["names"] = curl.NamesAsync,
            ["name-leading-slash"] = async () => new { same = await curl.RoundTripAsync("/lead") },
            ["name-backslash"] = async () => new { put = await curl.PutAsync("back%5Cslash"), read = await curl.ReadAsync("back%5Cslash"), listed = await curl.ListedAsync("back") },
            ["name-dot-dot"] = () => curl.RefusedAsync("dots/kept/%2E%2E/gone"),
            ["metadata-umlaut"] = async () => new { put = await curl.PutAsync("metadata", "x-ms-meta-note: ü"), head = await curl.SendAsync("HEAD", "metadata") },
            ["copy"] = async () => new { copied = await curl.SendAsync("PUT", "copy", "", $"x-ms-copy-source: {curl.UnsignedAddress("photo.jpg")}"), read = await curl.SendAsync("GET", "copy") },
            ["copy-sync"] = async () => new { copied = await curl.SendAsync("PUT", "copy-sync", "", $"x-ms-copy-source: {curl.UnsignedAddress("photo.jpg")}", "x-ms-requires-sync: true"), read = await curl.SendAsync("GET", "copy-sync") },
            ["account-info"] = async () => new { info = await curl.SendAsync("HEAD", "", "restype=account&comp=properties") },
            ["chunked"] = curl.ChunkedAsync,
        };
    }
}

/// <summary>Requests of a person with curl, each with the version header that the document names.</summary>
internal sealed partial class CurlBlobs
{
    private static readonly string[] Names = ["a space", "a+b", "100%", "50%2Fhalf", "a#b", "a?b=c", "grün/日本", "a//b", "trailing."];

    private readonly Leg _leg;
    private readonly string _lines;
    private readonly string _container;
    private readonly string _sas;
    private readonly string _version;
    private readonly CommandLine _curl;

    public CurlBlobs(Leg leg, string lines, string container, TemporaryDirectory directory)
    {
        (_leg, _lines, _container) = (leg, lines, container);
        _sas = leg.VerifiesSignatures ? leg.AccountSas() : "";
        _version = Version().Match(lines).Value;
        string[] trust = leg.AuthorityFile is { } authority ? ["--cacert", authority] : [];
        // The shell's lines take their trust from here.
        File.WriteAllText(directory.File(".curlrc"), leg.AuthorityFile is null ? "" : $"cacert = \"{leg.AuthorityFile}\"\n");
        var environment = new Dictionary<string, string?> { ["CURL_HOME"] = directory.Path };
        _curl = new CommandLine("curl", ["--silent", "--show-error", "--max-time", "120", "--path-as-is", .. trust], environment, directory);
    }

    public string UnsignedAddress(string blob) => $"{_leg.Endpoint.AbsoluteUri.TrimEnd('/')}/{_container}/{blob}";

    /// <summary>The document's own lines: a file goes up and comes back.</summary>
    public async Task<object?> PutGetAsync()
    {
        var photo = _curl.Write("photo.jpg", Bytes.Content(100_000));
        var lines = _lines.Replace("/container/", $"/{_container}/", StringComparison.Ordinal).Replace("photo.jpg\"", $"photo.jpg?{_sas}\"", StringComparison.Ordinal);
        await _curl.RunScriptAsync(lines);
        return new { same = Bytes.Sha256OfFile(_curl.Directory.File("copy.jpg")) == Bytes.Sha256OfFile(photo), head = await SendAsync("HEAD", "photo.jpg") };
    }

    public async Task<object?> StagedAsync()
    {
        var content = Bytes.Content(70 << 20);
        var answers = new List<object>();
        for (var block = 0; block < 7; block++)
            answers.Add(await UploadAsync("staged", $"comp=block&blockid=MDA{(char)('A' + block)}", content.Substring(block * (10 << 20), 10 << 20)));
        var list = string.Concat(Enumerable.Range(0, 7).Select(block => $"<Latest>MDA{(char)('A' + block)}</Latest>"));
        answers.Add(await UploadAsync("staged", "comp=blocklist", $"<BlockList>{list}</BlockList>"));
        return new { answers, same = Bytes.Sha256(await ReadAsync("staged")) == Bytes.Sha256(content), deleted = await SendAsync("DELETE", "staged") };
    }

    public async Task<object?> NamesAsync()
    {
        var same = new List<bool>();
        foreach (var name in Names)
            same.Add(await RoundTripAsync(name));
        return new { same, listed = (await ListedAsync("")).Where(Names.Contains) };
    }

    /// <summary>As one says it with a pipe: curl does not know how much will come.</summary>
    public async Task<object?> ChunkedAsync()
    {
        _curl.Write("piped", "some content");
        await ExchangeAsync(["-T", "piped"], "chunked", "", ["Transfer-Encoding: chunked", "x-ms-blob-type: BlockBlob"]);
        await ThrowUnlessCreatedAsync();
        return new { read = await ReadAsync("chunked") };
    }

    public async Task<bool> RoundTripAsync(string name)
    {
        var escaped = string.Join('/', name.Split('/').Select(Uri.EscapeDataString));
        await UploadAsync(escaped, "", name, "x-ms-blob-type: BlockBlob");
        return await ReadAsync(escaped) == name;
    }

    public async Task<string[]> ListedAsync(string prefix) =>
        [.. Regex.Matches(await ReadAsync("", $"restype=container&comp=list&prefix={prefix}"), "<Name>(.*?)</Name>").Select(name => name.Groups[1].Value)];

    public Task<object> PutAsync(string blob, params string[] headers) => UploadAsync(blob, "", "some content", ["x-ms-blob-type: BlockBlob", .. headers]);

    public async Task<object> UploadAsync(string blob, string query, string content, params string[] headers)
    {
        _curl.Write("upload", content);
        return await ExchangeAsync(["-T", "upload"], blob, query, headers);
    }

    public Task<object> SendAsync(string method, string blob, string query = "", params string[] headers) => ExchangeAsync(
        method switch { "HEAD" => ["--head"], "PUT" => ["-X", "PUT", "-d", "", "-H", "Content-Type:"], _ => ["-X", method] }, blob, query, headers);

    public async Task<string> ReadAsync(string blob, string query = "")
    {
        await SendAsync("GET", blob, query);
        return await File.ReadAllTextAsync(_curl.Directory.File("answer"));
    }

    /// <summary>A request that is to be refused, with the refusal as a failure.</summary>
    public async Task<object?> RefusedAsync(string blob)
    {
        await PutAsync(blob);
        await ThrowUnlessCreatedAsync();
        return null;
    }

    private async Task ThrowUnlessCreatedAsync()
    {
        var head = await File.ReadAllTextAsync(_curl.Directory.File("head"));
        if (!head.Contains(" 201 ", StringComparison.Ordinal))
            throw new CommandFailure(22, head + await File.ReadAllTextAsync(_curl.Directory.File("answer")));
    }

    /// <summary>Status, the headers that matter, and the hash of what was read.</summary>
    private async Task<object> ExchangeAsync(string[] options, string blob, string query, string[] headers)
    {
        File.Delete(_curl.Directory.File("answer"));
        var status = await _curl.RunAsync([.. options, "-H", _version, .. headers.SelectMany(header => new[] { "-H", header }), "-D", "head", "-o", "answer", "-w", "%{http_code}", Address(blob, query)]);
        var head = await File.ReadAllTextAsync(_curl.Directory.File("head"));
        var seen = Header().Matches(head).Select(header => header.Value.Trim().ToLower(CultureInfo.InvariantCulture)).Order().ToArray();
        var body = File.Exists(_curl.Directory.File("answer")) && options[0] != "--head" && status.Trim().StartsWith("20", StringComparison.Ordinal) && blob.Length > 0
            ? Bytes.Sha256OfFile(_curl.Directory.File("answer")) : null;
        return new { status = status.Trim(), headers = seen, body };
    }

    private string Address(string blob, string query) =>
        $"{UnsignedAddress(blob).TrimEnd(blob.Length == 0 ? '/' : '\0')}?{string.Join('&', new[] { query, _sas }.Where(part => part.Length > 0))}";

    [GeneratedRegex("x-ms-version: [0-9-]+")]
    private static partial Regex Version();

    [GeneratedRegex("^(content-type|content-range|content-length|content-md5|x-ms-error-code|x-ms-blob-type|x-ms-meta-|x-ms-copy-status|x-ms-sku-name|x-tokenbroker-reason|x-ms-blob-append-offset)[^\\r\\n]*", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex Header();
}
