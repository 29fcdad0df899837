using System.Text;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Storage;
using Xunit;

namespace TokenBroker.Tests.TestSupport;

public sealed class OutputSearchTests
{
    private const string Key = "dGhlK2tleS9vcGVucytub3RoaW5nL2F0K2FsbA+/==";

    [Theory]
    [InlineData("dGhlK2tleS9vcGVucytub3RoaW5nL2F0K2FsbA+/==")]
    [InlineData("dGhlK2tleS9vcGVucytub3RoaW5nL2F0K2FsbA%2B%2F%3D%3D")]
    [InlineData("dGhlK2tleS9vcGVucytub3RoaW5nL2F0K2FsbA%2b%2f%3d%3d")]
    [InlineData("dGhlK2tleS9vcGVucytub3RoaW5nL2F0K2FsbA\\u002B/==")]
    [InlineData("dGhlK2tleS9vcGVucytub3RoaW5nL2F0K2FsbA&#x2B;/==")]
    public void Planted_secret_is_found_in_every_form(string planted)
    {
        var search = new OutputSearch().Add("key", Key);

        Assert.NotEmpty(search.In($"GET /?sig={planted}&x=1", "text"));
        Assert.NotEmpty(search.In(Encoding.Unicode.GetBytes($"sig={planted}"), "UTF-16"));
        Assert.NotEmpty(search.In(Encoding.BigEndianUnicode.GetBytes($"sig={planted}"), "UTF-16 BE"));
    }

    [Fact]
    public void Each_telling_part_of_a_token_is_found_by_itself()
    {
        var token = UnsignedToken.Create(DateTimeOffset.UnixEpoch.AddYears(80));
        var search = new OutputSearch().Add("token", token);
        var parts = token.Split('.');

        Assert.NotEmpty(search.In($"authorization: Bearer {token}", "whole"));
        Assert.NotEmpty(search.In($"payload={parts[1]}", "payload"));
        Assert.NotEmpty(search.In($"signature={parts[2]}", "signature"));
        Assert.Empty(search.In($"header={parts[0]}", "header"));
    }

    [Fact]
    public void Innocent_output_has_no_finds_and_a_find_names_the_secret_without_showing_it()
    {
        var search = new OutputSearch().Add("key", Key);

        Assert.Empty(search.In("nothing to see", "text"));
        var find = Assert.Single(search.In($"key={Key}", "text"));
        Assert.Equal("key", find.Secret);
        Assert.DoesNotContain(Key, find.ToString());
    }

    [Fact]
    public void Files_are_searched_while_their_writer_has_them_open()
    {
        using var directory = new TemporaryDirectory();
        Directory.CreateDirectory(directory.File("below"));
        using var writer = new StreamWriter(directory.File("below/log.txt"));
        writer.Write($"secret {Key} secret");
        writer.Flush();

        var find = Assert.Single(new OutputSearch().Add("key", Key).InDirectory(directory.Path));

        Assert.EndsWith("log.txt", find.Place);
    }
}
