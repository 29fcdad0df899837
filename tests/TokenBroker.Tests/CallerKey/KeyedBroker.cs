using System.Security.Cryptography;
using System.Text;
using Azure.Core;
using Azure.Storage;
using Azure.Storage.Blobs;
using Microsoft.Extensions.DependencyInjection;
using TokenBroker.Configuration;
using TokenBroker.Tests.Functional;
using TokenBroker.TestSupport;

namespace TokenBroker.Tests.CallerKey;

/// <summary>A sidecar with a caller key, and clients of the real library that have it, or another.</summary>
internal sealed class KeyedBroker : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory;

    private KeyedBroker(RunningBroker broker, string key, TemporaryDirectory directory) => (Broker, Key, _directory) = (broker, key, directory);

    public RunningBroker Broker { get; }

    public string Key { get; }

    public StorageSharedKeyCredential Credential => new("acct", Key);

    public Uri Endpoint => new(Broker.Data, "/acct");

    /// <summary>The signature of a text that a test wrote by itself.</summary>
    public string Sign(string text) => Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(Key), Encoding.UTF8.GetBytes(text)));

    /// <param name="change">Changes the options further.</param>
    /// <param name="clock">The time; the system's if null.</param>
    /// <param name="more">A second key.</param>
    /// <param name="configure">Services in place of the product's.</param>
    public static async Task<KeyedBroker> StartAsync(
        Func<BrokerOptions, BrokerOptions>? change = null, TimeProvider? clock = null, string? more = null,
        Action<IServiceCollection>? configure = null)
    {
        var directory = new TemporaryDirectory();
        var key = CallerKeys.Generate();
        var keys = KeysOf(directory, more is null ? key : $"{key}\n{more}");
        var broker = await RunningBroker.StartAsync(options =>
        {
            options = options with { Caller = options.Caller with { Keys = keys } };
            return change?.Invoke(options) ?? options;
        }, configure: configure, clock: clock);
        return new(broker, key, directory);
    }

    public BlobServiceClient Client(StorageSharedKeyCredential? credential = null) => new(Endpoint, credential ?? Credential, Once);

    /// <summary>A client of an address that carries a SAS.</summary>
    public BlobServiceClient Client(string sas) => new(new Uri($"{Endpoint}?{sas}"), Once);

    /// <summary>No second try: what is refused is refused.</summary>
    public static BlobClientOptions Once => new() { Retry = { MaxRetries = 0, Mode = RetryMode.Fixed } };

    public async ValueTask DisposeAsync()
    {
        await Broker.DisposeAsync();
        _directory.Dispose();
    }

    private static CallerKeys KeysOf(TemporaryDirectory directory, string text)
    {
        var file = directory.File("caller.key");
        File.WriteAllText(file, text);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead);
        return CallerKeys.TryRead(file, out var keys, out var problem) ? keys : throw new InvalidOperationException(problem);
    }
}
