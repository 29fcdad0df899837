using System.Security.Cryptography;
using TokenBroker.Configuration;
using TokenBroker.Configuration.Reading;
using TokenBroker.Hosting.Commands;
using TokenBroker.TestSupport;
using Xunit;

namespace TokenBroker.Tests.CallerKey;

/// <summary>The file of keys: what it may hold, and that nothing of it prints.</summary>
public class CallerKeysTests
{
    private static readonly string Key = CallerKeys.Generate();

    private static ConfigurationResult Read(string text, UnixFileMode mode = UnixFileMode.UserRead)
    {
        using var directory = new TemporaryDirectory();
        var file = directory.File("key");
        File.WriteAllText(file, text);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, mode);
        return Configure(file);
    }

    private static ConfigurationResult Configure(string file) => BrokerConfiguration.Read(
        [new("Accounts:photos", "", "--account"), new("Caller:KeyFile", file, "--caller-key")], null, ProcessEnvironment.Empty);

    [Fact]
    public void One_key_or_two_are_read_with_comments_around_them()
    {
        var other = CallerKeys.Generate();
        var options = Read($"# old\n{Key}\r\n\n  # new\n{other}\n").Options!;

        foreach (var key in new[] { Key, other })
            Assert.True(options.Caller.Keys!.Signed("text"u8, HMACSHA256.HashData(Convert.FromBase64String(key), "text"u8)));
        Assert.False(options.Caller.Keys!.Signed("text"u8, HMACSHA256.HashData(Convert.FromBase64String(CallerKeys.Generate()), "text"u8)));
        Assert.DoesNotContain(Key, options.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "it has 0 such lines")]
    [InlineData("# a comment alone", "it has 0 such lines")]
    [InlineData("KEY\nKEY\nKEY", "it has 3 such lines")]
    [InlineData("YWJj", "at least 32 random bytes")]
    [InlineData("no base64!", "at least 32 random bytes")]
    [InlineData("AccountKey=KEY", "at least 32 random bytes")]
    public void Anything_else_is_a_fault_with_its_cure(string text, string cure)
    {
        var result = Read(text.Replace("KEY", Key, StringComparison.Ordinal));

        var fault = Assert.Single(result.Faults).ToString();
        Assert.Contains(cure, fault, StringComparison.Ordinal);
        Assert.DoesNotContain(Key[..20], fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Key_in_the_place_of_the_file_is_a_fault_that_does_not_repeat_it()
    {
        var fault = Assert.Single(Configure(Key.Replace('/', 'x')).Faults).ToString();

        Assert.Contains("not the key itself", fault, StringComparison.Ordinal);
        Assert.DoesNotContain(Key[..10], fault, StringComparison.Ordinal);
    }

    [Fact]
    public void File_that_others_can_read_is_taken_and_noticed_and_one_that_they_can_write_is_not_taken()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes");
        Assert.False(Read(Key).Options!.Caller.Keys!.IsReadableByOthers);
        Assert.True(Read(Key, UnixFileMode.UserRead | UnixFileMode.OtherRead).Options!.Caller.Keys!.IsReadableByOthers);
        foreach (var write in new[] { UnixFileMode.GroupWrite, UnixFileMode.OtherWrite })
            Assert.Contains("chmod 600", Assert.Single(Read(Key, UnixFileMode.UserRead | write).Faults).Cure, StringComparison.Ordinal);
    }

    [Fact]
    public void Output_of_the_key_command_is_such_a_file_and_has_the_connection_string()
    {
        var output = KeyCommand.Answer(BrokerConfiguration.Read([new("Accounts:photos", "", "--account")], null, ProcessEnvironment.Empty).Options!);

        Assert.NotNull(Read(output).Options);
        var key = output.Split(Environment.NewLine)[1];
        Assert.Contains($"DefaultEndpointsProtocol=http;AccountName=photos;AccountKey={key};BlobEndpoint=http://127.0.0.1:11000/photos;", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Key_command_needs_no_account_and_takes_no_wrong_one()
    {
        var none = BrokerConfiguration.Read([], null, ProcessEnvironment.Empty, needsAccount: false).Options!;

        Assert.NotNull(Read(KeyCommand.Answer(none)).Options);
        Assert.Null(BrokerConfiguration.Read([new("Accounts:Photos", "", "--account")], null, ProcessEnvironment.Empty, needsAccount: false).Options);
    }
}
