using Azure;
using Azure.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TokenBroker.Configuration;
using TokenBroker.Tests.CallerKey;
using TokenBroker.Tests.Tokens;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Network;
using Xunit;

namespace TokenBroker.Tests.Functional;

/// <summary>The caller key's file and that of further authorities are read again when their content changes, without a restart.</summary>
public sealed class ReloadedFilesTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_caller_key_is_rotated_without_a_restart_and_a_file_that_cannot_be_used_changes_nothing()
    {
        var (clock, log) = (new TestClock(), new CapturedLog());
        clock.Advance(TimeProvider.System.GetUtcNow() - clock.GetUtcNow()); // clients sign by their own
        var (older, newer) = (CallerKeys.Generate(), CallerKeys.Generate());
        var file = WriteKey(older);
        Assert.True(CallerKeys.TryRead(file, out var keys, out _));
        await using var broker = await RunningBroker.StartAsync(
            options => options with { Caller = options.Caller with { Keys = keys }, LogLevel = LogLevel.Information },
            configure: services => services.AddSingleton<ILoggerProvider>(log), clock: clock);
        Task<int> StatusAsync(string key) => StatusWithAsync(broker, key);
        Assert.Equal((200, 403), (await StatusAsync(older), await StatusAsync(newer)));

        WriteKey("no key");
        await UntilAsync(clock, () => Task.FromResult(log.Lines.Any(line => line.Contains("Caller:KeyFile has changed and cannot be used", StringComparison.Ordinal))));
        Assert.Equal((200, 403), (await StatusAsync(older), await StatusAsync(newer)));

        WriteKey($"{older}\n{newer}");
        await UntilAsync(clock, async () => await StatusAsync(newer) == 200);
        Assert.Equal(200, await StatusAsync(older));

        WriteKey(newer);
        await UntilAsync(clock, async () => await StatusAsync(older) == 403);
        Assert.Equal(200, await StatusAsync(newer));
        Assert.DoesNotContain(log.Lines, line => line.Contains(older, StringComparison.Ordinal) || line.Contains(newer, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_further_authority_is_trusted_once_its_file_names_it()
    {
        var clock = new TestClock();
        clock.Advance(TimeProvider.System.GetUtcNow() - clock.GetUtcNow());
        using var other = Certificates.Create();
        var file = _directory.File("authorities.pem");
        File.WriteAllText(file, other.AuthorityPem);
        var storages = "";
        await using var broker = await RunningBroker.StartAsync(options =>
        {
            storages = File.ReadAllText(options.Upstream.CertificateAuthorityFile!);
            return options with { Upstream = options.Upstream with { CertificateAuthorityFile = file } };
        }, clock: clock);
        Assert.Equal("upstream-untrusted", (await broker.GetAsync("/acct/c/pattern-5")).Header("x-tokenbroker-reason"));

        File.WriteAllText(file, other.AuthorityPem + "\n" + storages);

        await UntilAsync(clock, async () => (await broker.GetAsync("/acct/c/pattern-5")).Status == 200);
    }

    private static async Task<int> StatusWithAsync(RunningBroker broker, string key)
    {
        try
        {
            var client = new Azure.Storage.Blobs.BlobServiceClient(new Uri(broker.Data, "/acct"), new StorageSharedKeyCredential("acct", key), KeyedBroker.Once);
            return (await client.GetBlobContainerClient("c").GetPropertiesAsync()).GetRawResponse().Status;
        }
        catch (RequestFailedException failed)
        {
            return failed.Status;
        }
    }

    private static Task UntilAsync(TestClock clock, Func<Task<bool>> condition) => Wait.UntilAsync(async () =>
    {
        clock.Advance(TimeSpan.FromSeconds(2));
        await Task.Delay(200); // clients sign by the real clock, from which this one must not go far
        return await condition();
    }, TimeSpan.FromSeconds(30), "the file was read again");

    private string WriteKey(string text)
    {
        var file = _directory.File("caller.key");
        File.WriteAllText(file, text);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return file;
    }
}
