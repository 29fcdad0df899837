using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace TokenBroker.TestSupport;

/// <summary>
/// Looks for secrets in what a process wrote, in every form in which a careless writer lets them out: as they are,
/// percent-encoded, escaped for JSON or HTML, in UTF-8 and UTF-16, and each part of a token by itself.
/// </summary>
public sealed class OutputSearch
{
    // Shorter than that would be found everywhere by chance.
    private const int ShortestPart = 8;

    private readonly List<Form> _forms = [];

    /// <param name="name">What a find is called: reports never print the secret.</param>
    public OutputSearch Add(string name, string secret)
    {
        ArgumentException.ThrowIfNullOrEmpty(secret);
        AddForms(name, secret);
        // A token's payload alone tells as much as the whole; its header is the same for all and tells nothing.
        var parts = secret.Split('.');
        if (parts.Length == 3)
            foreach (var part in parts.Skip(1).Where(part => part.Length >= ShortestPart))
                AddForms($"{name} (part)", part);
        return this;
    }

    public IReadOnlyList<Find> In(ReadOnlySpan<byte> output, string place)
    {
        var finds = new List<Find>();
        foreach (var form in _forms)
            if (output.IndexOf(form.Bytes) is >= 0 and var position)
                finds.Add(new Find(form.Name, form.How, place, position));
        return finds;
    }

    public IReadOnlyList<Find> In(string output, string place) => In(Encoding.UTF8.GetBytes(output), place);

    /// <summary>Searches a file, which its writer may still have open.</summary>
    public IReadOnlyList<Find> InFile(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var content = new MemoryStream();
        file.CopyTo(content);
        return In(content.GetBuffer().AsSpan(0, (int)content.Length), path);
    }

    /// <summary>Searches every file below a directory.</summary>
    public IReadOnlyList<Find> InDirectory(string path) =>
        [.. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).SelectMany(InFile)];

    private void AddForms(string name, string secret)
    {
        var percent = Uri.EscapeDataString(secret);
        (string How, string Text)[] texts =
        [
            ("as it is", secret),
            ("percent-encoded", percent),
            ("percent-encoded, lower case", LowerCaseHex(percent)),
            ("form-encoded", WebUtility.UrlEncode(secret)),
            ("JSON", JsonEncodedText.Encode(secret).ToString()),
            ("HTML", HtmlEncoder.Default.Encode(secret)),
            ("base64", Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)).TrimEnd('=')),
        ];
        foreach (var (how, text) in texts.DistinctBy(entry => entry.Text))
        {
            _forms.Add(new Form(name, how, Encoding.UTF8.GetBytes(text)));
            _forms.Add(new Form(name, $"{how}, UTF-16", Encoding.Unicode.GetBytes(text)));
            _forms.Add(new Form(name, $"{how}, UTF-16 big-endian", Encoding.BigEndianUnicode.GetBytes(text)));
        }
    }

    private static string LowerCaseHex(string percent)
    {
        var text = percent.ToCharArray();
        for (var i = 0; i < text.Length - 2; i++)
            if (text[i] == '%')
                (text[i + 1], text[i + 2]) = (char.ToLowerInvariant(text[i + 1]), char.ToLowerInvariant(text[i + 2]));
        return new string(text);
    }

    private sealed record Form(string Name, string How, byte[] Bytes);
}

/// <summary>A secret that was found, by its name and never by its value.</summary>
public sealed record Find(string Secret, string Form, string Place, int Position);
