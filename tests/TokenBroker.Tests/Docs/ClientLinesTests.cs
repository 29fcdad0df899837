using System.Text.RegularExpressions;
using TokenBroker.Configuration;
using TokenBroker.Hosting.Commands;
using Xunit;

namespace TokenBroker.Tests.Docs;

/// <summary>What <c>tokenbroker env</c> prints and what docs/clients.md shows are the same lines.</summary>
public partial class ClientLinesTests
{
    private static readonly Document Clients = Document.Of("docs/clients.md");

    public static IEnumerable<TheoryDataRow<string>> Names => ClientLines.All.Select(lines => new TheoryDataRow<string>(lines.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void Lines_of_the_command_are_those_of_the_document(string name)
    {
        var lines = ClientLines.All.Single(lines => lines.Name == name);
        var section = Sections().Matches(Clients.Text).Single(section => section.Groups[1].Value == lines.Heading);

        Assert.Equal(Block().Match(section.Groups[2].Value).Groups[1].Value, lines.Text);
    }

    [Fact]
    public void Every_client_of_the_document_has_its_lines_in_the_command()
    {
        var chapter = Clients.Text[Clients.Text.IndexOf("\n## Connection strings and settings", StringComparison.Ordinal)..Clients.Text.IndexOf("\n### Others", StringComparison.Ordinal)];

        Assert.Equal(Heading().Matches(chapter).Select(heading => heading.Groups[1].Value).Order(), ClientLines.All.Select(lines => lines.Heading).Order());
    }

    [Fact]
    public void Account_address_and_dummy_key_are_filled_in()
    {
        var django = Fill("django", "http://127.0.0.1:12345");

        Assert.Contains("AccountName=photos;AccountKey=dGhpcyBrZXkgb3BlbnMgbm90aGluZw==;BlobEndpoint=http://127.0.0.1:12345/photos;", django, StringComparison.Ordinal);
        Assert.Contains("AZURE_ACCOUNT_KEY = \"dGhpcyBrZXkgb3BlbnMgbm90aGluZw==\"", django, StringComparison.Ordinal);
        Assert.Contains("secure=False, host=\"127.0.0.1\", port=12345)", Fill("libcloud", "http://0.0.0.0:12345"), StringComparison.Ordinal);
        Assert.Contains("DefaultEndpointsProtocol=https;", Fill("az", "https://127.0.0.1:443"), StringComparison.Ordinal);
        Assert.Contains("secure=True, host=\"127.0.0.1\", port=443)", Fill("libcloud", "https://127.0.0.1:443"), StringComparison.Ordinal);
    }

    [Fact]
    public void With_a_caller_key_the_place_of_the_key_is_left_open() =>
        Assert.Contains("AccountKey=KEY;", Fill("python", "http://127.0.0.1:11000", hasCallerKey: true), StringComparison.Ordinal);

    private static string Fill(string name, string listen, bool hasCallerKey = false)
    {
        Assert.True(ListenAddress.TryParse(listen, out var address, out _));
        return ClientLines.All.Single(lines => lines.Name == name).Fill("photos", address, hasCallerKey);
    }

    [GeneratedRegex(@"^### (.*)\n((?:(?!^##).*\n)*)", RegexOptions.Multiline)]
    private static partial Regex Sections();

    [GeneratedRegex(@"^```\w*\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("^### (.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
