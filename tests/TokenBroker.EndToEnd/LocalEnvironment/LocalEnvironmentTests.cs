using System.Net;
using System.Net.Sockets;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Sas;
using TokenBroker.Local;
using TokenBroker.Local.Azurite;
using TokenBroker.Local.Processes;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.Environments;

/// <summary>The environment itself: what it starts works, and ends.</summary>
public class LocalEnvironmentTests
{
    private static readonly LocalEnvironmentOptions WithLog = new() { AzuriteDebugLog = true };
    private static readonly LocalEnvironmentOptions WithoutStorage = new() { StartAzurite = false, UpstreamEndpoint = new Uri("https://127.0.0.1:9/demoaccount") };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Requires(Capability.Node, Capability.Npm)]
    public async Task Blob_makes_the_round_trip_with_the_connection_string_and_storage_lets_in_nothing_but_bearers()
    {
        await using var environment = await LocalEnvironment.StartAsync(WithLog, cancellationToken: Cancellation);
        var container = StorageClients.Proxied(environment.ConnectionString).GetBlobContainerClient("pictures");
        await container.CreateAsync(cancellationToken: Cancellation);
        await container.UploadBlobAsync("a/b c", new BinaryData("hello"), Cancellation);
        var read = await container.GetBlobClient("a/b c").DownloadContentAsync(Cancellation);

        Assert.Equal("hello", read.Value.Content.ToString());
        var admissions = await LogOf(environment, atLeast: 3);
        Assert.True(admissions.ByBearer >= 3, $"{admissions}");
        Assert.Equal(0, admissions.WithoutBearer);
    }

    [Fact]
    [Requires(Capability.Node, Capability.Npm)]
    public async Task Key_of_the_connection_string_opens_nothing_and_the_log_would_show_a_key_or_sas_that_did()
    {
        await using var environment = await LocalEnvironment.StartAsync(WithLog with { StartSidecar = false }, cancellationToken: Cancellation);
        var withDummy = StorageClients.DirectWithKey(environment, LocalEnvironment.DummyKey);
        var refused = await Assert.ThrowsAsync<RequestFailedException>(() => withDummy.CreateBlobContainerAsync("pictures", cancellationToken: Cancellation));
        // Azurite looks for a bearer token last and then answers 400, where Azure has 403.
        Assert.Contains(refused.Status, new[] { 400, 403 });

        BlobContainerClient withKey = await StorageClients.DirectWithKey(environment, environment.AccountKey).CreateBlobContainerAsync("pictures", cancellationToken: Cancellation);
        var sas = withKey.GenerateSasUri(BlobContainerSasPermissions.Create | BlobContainerSasPermissions.Write, TimeProvider.System.GetUtcNow().AddHours(1));
        await StorageClients.DirectByAddress(environment, sas).UploadBlobAsync("b", new BinaryData("x"), Cancellation);

        var admissions = await LogOf(environment, atLeast: 2);
        Assert.Equal(new AzuriteAdmissions(ByBearer: 0, BySharedKey: 1, BySas: 1, ByPublicAccess: 0), admissions);
    }

    [Fact]
    [Requires(Capability.Node, Capability.Npm)]
    public async Task Disposal_ends_every_process_by_its_own_will_and_leaves_no_file()
    {
        var environment = await LocalEnvironment.StartAsync(new(), cancellationToken: Cancellation);
        var children = environment.Children;
        var directory = Path.GetDirectoryName(environment.CertificateAuthorityFile)!;
        await environment.DisposeAsync();

        Assert.Equal(3, children.Count);
        Assert.All(children, child => Assert.Equal(0, child.ExitCode));
        Assert.False(Directory.Exists(directory));
    }

    [Fact]
    public async Task Emulator_and_sidecar_run_without_node_and_a_further_sidecar_joins_them()
    {
        await using var environment = await LocalEnvironment.StartAsync(WithoutStorage, cancellationToken: Cancellation);
        var further = await environment.StartSidecarAsync(new SidecarOptions(), cancellationToken: Cancellation);

        Assert.NotEqual(environment.Sidecar.Address, further.Address);
        Assert.All(new[] { environment.ConnectionString, further.ConnectionString }, text => Assert.Contains(LocalEnvironment.DummyKey, text));
    }

    [Fact]
    public async Task Refused_port_is_one_sentence()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var options = WithoutStorage with { Sidecar = new SidecarOptions { Listen = new Uri($"http://{taken.LocalEndpoint}") } };
        var exception = await Assert.ThrowsAsync<LocalEnvironmentException>(() => LocalEnvironment.StartAsync(options, cancellationToken: Cancellation));

        Assert.StartsWith("The sidecar could not listen on its port on 127.0.0.1", exception.Message, StringComparison.Ordinal);
        Assert.Contains("free the port or choose another one", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Working_directory_is_closed_to_other_users()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no mode bits; the user's temporary directory is private there.");
            return;
        }

        using var directory = WorkingDirectory.Create();
        var certificate = ServerCertificate.Create(directory, "demoaccount");

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(directory.FullPath));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(certificate.KeyFile));
    }

    [Fact]
    public void Directory_of_a_killed_process_is_removed_and_one_in_use_is_not()
    {
        using var inUse = WorkingDirectory.Create();
        var abandoned = Directory.CreateTempSubdirectory("tokenbroker-local-").FullName;

        WorkingDirectory.DeleteIfAbandoned(inUse.FullPath, youth: TimeSpan.Zero);
        WorkingDirectory.DeleteIfAbandoned(abandoned, youth: TimeSpan.Zero);

        Assert.True(Directory.Exists(inUse.FullPath));
        Assert.False(Directory.Exists(abandoned));
    }

    // Azurite writes its log behind the answers.
    private static async Task<AzuriteAdmissions> LogOf(LocalEnvironment environment, int atLeast)
    {
        var admissions = environment.AzuriteDebugLog.Read();
        await Wait.UntilAsync(() =>
        {
            admissions = environment.AzuriteDebugLog.Read();
            return admissions.ByBearer + admissions.WithoutBearer >= atLeast;
        }, TimeSpan.FromSeconds(30), $"{atLeast} requests in Azurite's log");
        return admissions;
    }
}
