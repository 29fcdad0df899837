using TokenBroker.Imds.Control;
using TokenBroker.Imds.Endpoint;
using TokenBroker.Imds.Faults;
using TokenBroker.Imds.Record;
using TokenBroker.Imds.Tokens;

namespace TokenBroker.Imds;

/// <summary>
/// An emulator of the identity endpoint of Azure's instance metadata service, and its control endpoint. It has no shared
/// state: any number of emulators can run in one process.
/// </summary>
public sealed class ImdsEmulator : IAsyncDisposable
{
    private readonly EmulatorHost _host;
    private readonly RequestLog _log;
    private readonly FaultBoard _faults;
    private readonly TokenIssuer _issuer;

    private ImdsEmulator(ImdsEmulatorOptions options, EmulatorHost host, RequestLog log, FaultBoard faults, TokenIssuer issuer)
    {
        Options = options;
        _host = host;
        _log = log;
        _faults = faults;
        _issuer = issuer;
    }

    /// <summary>As it was started.</summary>
    public ImdsEmulatorOptions Options { get; }

    /// <summary>The metadata endpoint with its real port, in place of <c>http://169.254.169.254</c>.</summary>
    public Uri BaseAddress => _host.Metadata;

    /// <summary>The control endpoint with its real port.</summary>
    public Uri ControlAddress => _host.Control;

    /// <summary>Every request since the start or the last <see cref="ClearRequests"/>, in the order of arrival: a snapshot.</summary>
    public IReadOnlyList<RecordedRequest> Requests => _log.Snapshot();

    /// <summary>Every token that was issued since the start, in order. A token that is returned again is listed once.</summary>
    public IReadOnlyList<IssuedToken> Tokens => _issuer.Issued;

    /// <summary>The active faults, and faults that are used up but may still hold requests.</summary>
    public IReadOnlyList<InjectedFault> Faults => _faults.All;

    /// <summary>Starts it; both listeners are bound when the task completes.</summary>
    /// <exception cref="ArgumentException">A setting is malformed; the message has one line per fault.</exception>
    /// <exception cref="IOException">An address cannot be bound.</exception>
    public static async Task<ImdsEmulator> StartAsync(ImdsEmulatorOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new();
        if (options.Validate() is { Count: > 0 } problems)
            throw new ArgumentException(string.Join('\n', problems), nameof(options));
        var log = new RequestLog();
        var faults = new FaultBoard(options.TimeProvider);
        var issuer = new TokenIssuer(options);
        var control = new ControlEndpoint(options, log, faults, issuer);
        var host = await EmulatorHost.StartAsync(
            options,
            stopping => new IdentityEndpoint(options, log, faults, issuer, stopping).HandleAsync,
            control.HandleAsync,
            cancellationToken);
        return new(options, host, log, faults, issuer);
    }

    /// <summary>Injects a fault; the next matching request meets it.</summary>
    /// <exception cref="ArgumentException">The fault is not valid; the message says why.</exception>
    public InjectedFault Inject(Fault fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        if (fault.Problem(Options.Identities) is { } problem)
            throw new ArgumentException(problem, nameof(fault));
        return _faults.Inject(fault);
    }

    /// <summary>Ends every fault and releases what they hold.</summary>
    public void ClearFaults() => _faults.Clear();

    /// <summary>Empties the record.</summary>
    public void ClearRequests() => _log.Clear();

    /// <summary>Completes when <paramref name="count"/> requests have arrived since the start or the last clear; answered or not.</summary>
    /// <exception cref="OperationCanceledException">Cancelled before that.</exception>
    public Task<IReadOnlyList<RecordedRequest>> WaitForRequestsAsync(int count, CancellationToken cancellationToken = default) =>
        WaitForAsync(requests => requests.Count >= count, cancellationToken);

    /// <summary>
    /// Completes with the first state of the record that meets the condition, the present one included; looked at on every
    /// change. For example: <c>requests.Count(r => r.Fault == FaultKind.Hang) == 3</c>.
    /// </summary>
    /// <exception cref="OperationCanceledException">Cancelled before that.</exception>
    public Task<IReadOnlyList<RecordedRequest>> WaitForAsync(
        Func<IReadOnlyList<RecordedRequest>, bool> condition, CancellationToken cancellationToken = default) =>
        _log.WaitForAsync(condition, cancellationToken);

    /// <summary>Stops listening; held requests are aborted. It can be called more than once.</summary>
    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        // Only now, because a request whose hang is cleared would be answered, not aborted. Stops the timers of faults with
        // a duration.
        _faults.Clear();
    }
}
