using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;
using TokenBroker.Local.Processes;

namespace TokenBroker.Local;

/// <summary>One running sidecar.</summary>
public sealed partial class SidecarProcess : IAsyncDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);
    private readonly string _accountName;

    private SidecarProcess(ChildProcess child, string accountName)
    {
        Child = child;
        _accountName = accountName;
    }

    /// <summary>The process: its number, its output, its exit code.</summary>
    public ChildProcess Child { get; }

    /// <summary>Where it listens for blob requests, without an account.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>Where its health, metrics and status are.</summary>
    public Uri AdminEndpoint { get; private set; } = null!;

    /// <summary>The account's blob endpoint for clients of this sidecar.</summary>
    public Uri ProxyEndpoint => new(Address, _accountName);

    /// <summary>The connection string of an unmodified client. Its key is a dummy.</summary>
    public string ConnectionString =>
        $"DefaultEndpointsProtocol=http;AccountName={_accountName};AccountKey={LocalEnvironment.DummyKey};BlobEndpoint={ProxyEndpoint};";

    /// <summary>Stops the sidecar.</summary>
    public ValueTask DisposeAsync() => Child.DisposeAsync();

    internal static SidecarProcess Start(ProcessStartInfo startInfo, LocalEnvironmentOptions options) =>
        new(ChildProcess.Start("The sidecar", startInfo, options), options.AccountName);

    internal async Task WaitUntilListeningAsync(CancellationToken cancellationToken)
    {
        Address = await Child.ReadAddressAsync(DataPattern(), cancellationToken).ConfigureAwait(false);
        AdminEndpoint = await Child.ReadAddressAsync(AdminPattern(), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits until it holds a usable token; returns its last status if that does not happen.</summary>
    internal async Task WaitUntilReadyAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(limit);
        string? state = null;
        while (true)
        {
            try
            {
                using var answer = await client.GetAsync(new Uri(AdminEndpoint, "/health/ready"), deadline.Token).ConfigureAwait(false);
                if (answer.StatusCode == HttpStatusCode.OK)
                    return;

                state = await answer.Content.ReadAsStringAsync(deadline.Token).ConfigureAwait(false);
                await Task.Delay(PollInterval, deadline.Token).ConfigureAwait(false);
            }
            catch (HttpRequestException) when (Child.ExitCode is not null)
            {
                throw StartFailure.Of(Child);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw StartFailure.TooSlow(Child, limit, state);
            }
        }
    }

    [GeneratedRegex(@"\bdata (http://[^\s,;]+)")]
    private static partial Regex DataPattern();

    [GeneratedRegex(@"\badmin (http://[^\s,;]+)")]
    private static partial Regex AdminPattern();
}
