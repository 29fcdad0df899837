using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TokenBroker.Configuration;
using TokenBroker.Hosting;
using TokenBroker.Hosting.Listening;
using TokenBroker.Imds;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Network;
using TokenBroker.TestSupport.Storage;

namespace TokenBroker.Tests.Functional;

/// <summary>
/// The sidecar's own host in this process, on real sockets on both sides: a metadata emulator in front of its tokens, the
/// strict storage behind it. Addresses are options, never variables of the process.
/// </summary>
internal sealed class RunningBroker : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory;
    private readonly WebApplication _app;

    private RunningBroker(WebApplication app, StrictStorage storage, ImdsEmulator metadata, TemporaryDirectory directory)
    {
        (_app, Storage, Metadata, _directory) = (app, storage, metadata, directory);
        var bound = new BoundAddresses(app.Services.GetRequiredService<ListenSockets>().All);
        Data = new(bound.Data.ToString());
        Admin = new(bound.Admin.ToString());
        Health = bound.Health is { } health ? new(health.ToString()) : null;
    }

    public StrictStorage Storage { get; }

    public ImdsEmulator Metadata { get; }

    public Uri Data { get; }

    public Uri Admin { get; }

    /// <summary>The health listener, if the options have one.</summary>
    public Uri? Health { get; }

    public IServiceProvider Services => _app.Services;

    /// <param name="change">What is different from one account <c>acct</c> with the system identity.</param>
    /// <param name="prepare">Called before the sidecar starts: faults of the emulator, say.</param>
    /// <param name="configure">Services in place of the product's: another log, say.</param>
    /// <param name="identities">The emulator's settings; by default those of a real endpoint, without its rate limit.</param>
    /// <param name="clock">The time of the sidecar, the emulator and storage; the system's if null.</param>
    public static async Task<RunningBroker> StartAsync(
        Func<BrokerOptions, BrokerOptions>? change = null, Action<ImdsEmulator, StrictStorage>? prepare = null,
        Action<IServiceCollection>? configure = null, ImdsEmulatorOptions? identities = null, TimeProvider? clock = null)
    {
        clock ??= TimeProvider.System;
        var directory = new TemporaryDirectory();
        var storage = await StrictStorage.StartAsync(new() { Accounts = [new StorageAccount("acct"), new StorageAccount("other")], Time = clock });
        storage.Account().CreateContainer("c");
        var metadata = await ImdsEmulator.StartAsync((identities ?? new()) with { RateLimit = null, TimeProvider = clock });
        prepare?.Invoke(metadata, storage);
        var authority = storage.Certificates!.WriteTo(directory.Path).Authority;
        var options = new BrokerOptions
        {
            Accounts = [AccountAt(storage, "acct")],
            Listen = [new(IPAddress.Loopback, 0)],
            Admin = new(IPAddress.Loopback, 0),
            Tokens = new() { MetadataEndpoint = metadata.BaseAddress },
            Upstream = new() { CertificateAuthorityFile = authority },
            LogLevel = LogLevel.Error,
        };
        var app = BrokerHost.Build(change?.Invoke(options) ?? options, ProcessEnvironment.Empty, services =>
        {
            services.AddSingleton(clock);
            configure?.Invoke(services);
        });
        await BrokerHost.StartAsync(app);
        return new(app, storage, metadata, directory);
    }

    public static AccountOptions AccountAt(StrictStorage storage, string name) => new()
    {
        Name = name,
        Endpoint = storage.EndpointOf(name),
        SecondaryEndpoint = storage.EndpointOf(name + "-secondary"),
    };

    /// <summary>One request, byte for byte, on a connection of its own; <c>HOST</c> in it stands for the listener's address.</summary>
    public Task<RawResponse> SendAsync(string request) =>
        RawConnection.ExchangeAsync(Data, request.Replace("HOST", Data.Authority, StringComparison.Ordinal));

    /// <summary>A GET as a client sends it.</summary>
    public Task<RawResponse> GetAsync(string target, string headers = "") =>
        SendAsync($"GET {target} HTTP/1.1\r\nHost: HOST\r\nx-ms-version: 2021-12-02\r\n{headers}\r\n");

    public Task<RawResponse> GetAdminAsync(string target, string headers = "", string? host = null) =>
        RawConnection.ExchangeAsync(Admin, $"GET {target} HTTP/1.1\r\nHost: {host ?? Admin.Authority}\r\n{headers}\r\n");

    public async ValueTask DisposeAsync()
    {
        // What a test left hanging is not waited for.
        using var now = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
        await Storage.DisposeAsync();
        await Metadata.DisposeAsync();
        _directory.Dispose();
    }
}
