using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using System.Reflection;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using TokenBroker.Tokens;
using TokenBroker.Tokens.Answers;

namespace TokenBroker.Benchmarks;

/// <summary>
/// What each request pays for its token: the columns Allocated and Lock Contentions must show nothing. The last benchmark
/// reads while another thread holds the entry's lock for the whole of the run: it ends only because a read takes none.
/// </summary>
[MemoryDiagnoser]
[ThreadingDiagnoser]
[SuppressMessage("Design", "CA1001", Justification = "BenchmarkDotNet calls the cleanup.")]
public class TokenReads
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Meters _meters = new();
    private readonly ManualResetEventSlim _release = new();
    private MeterListener? _listener;
    private TokenEntry _entry = null!;
    private BearerToken _token = null!;
    private Thread? _holder;

    [GlobalSetup(Targets = [nameof(Comparison), nameof(Read)])]
    public void Start()
    {
        _token = new BearerToken(new string('t', 1500), TimeProvider.System.GetUtcNow().AddHours(24), TimeSpan.FromHours(24), TimeProvider.System);
        _entry = new TokenEntry("system", new OneToken(_token), TimeSpan.FromSeconds(10), TimeProvider.System, Random.Shared,
            new TokenMetrics(_meters, TimeProvider.System), NullLogger.Instance);
        _ = _entry.RunAsync(_stop.Token);
        if (_entry.ReadAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult().Token is null)
            throw new InvalidOperationException("The entry has no token to read.");
    }

    [GlobalSetup(Target = nameof(ReadWhileMeasured))]
    public void StartMeasured()
    {
        _listener = new MeterListener { InstrumentPublished = (instrument, listener) => listener.EnableMeasurementEvents(instrument) };
        _listener.SetMeasurementEventCallback<long>((_, _, _, _) => { });
        _listener.Start();
        Start();
    }

    [GlobalSetup(Target = nameof(ReadWhileLocked))]
    public void StartLocked()
    {
        Start();
        var gate = (Lock)typeof(TokenEntry).GetField("_gate", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(_entry)!;
        using var taken = new ManualResetEventSlim();
        _holder = new Thread(() =>
        {
            lock (gate)
            {
                taken.Set();
                _release.Wait();
            }
        });
        _holder.Start();
        taken.Wait();
        if (gate.TryEnter())
            throw new InvalidOperationException("The lock is not held.");
    }

    [GlobalCleanup]
    public void End()
    {
        _release.Set();
        _holder?.Join();
        _stop.Cancel();
        _listener?.Dispose();
        _meters.Dispose();
    }

    [Benchmark(Baseline = true, Description = "both clocks alone")]
    public bool Comparison() => _token.IsUsable(TimeProvider.System);

    [Benchmark(Description = "read a fresh token")]
    public string Read() => Header(_entry.ReadAsync(CancellationToken.None));

    [Benchmark(Description = "… while reads are measured")]
    public string ReadWhileMeasured() => Header(_entry.ReadAsync(CancellationToken.None));

    [Benchmark(Description = "… while the lock is held")]
    public string ReadWhileLocked() => Header(_entry.ReadAsync(CancellationToken.None));

    private static string Header(ValueTask<TokenReading> read) =>
        read.IsCompletedSuccessfully ? read.Result.Token!.HeaderValue : throw new InvalidOperationException("The read had to wait.");

    private sealed class OneToken(BearerToken token) : ITokenSource
    {
        public string Name => "one-token";

        public TimeSpan AttemptTimeout => TimeSpan.FromSeconds(5);

        public ValueTask<TokenAnswer> RequestAsync(TimeSpan limit, CancellationToken stopping) => new(TokenAnswer.Of(token));
    }

    private sealed class Meters : IMeterFactory
    {
        private readonly List<Meter> _made = [];

        public Meter Create(MeterOptions options)
        {
            var meter = new Meter(options);
            _made.Add(meter);
            return meter;
        }

        public void Dispose() => _made.ForEach(meter => meter.Dispose());
    }
}
