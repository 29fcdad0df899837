using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TokenBroker.Tokens;
using Xunit;

namespace TokenBroker.Tests.Tokens;

/// <summary>The entry logs after it has given up its lock: whatever a logger does, requests and health are answered.</summary>
public class BlockedLogTests
{
    [Fact]
    public async Task A_logger_that_hangs_holds_up_no_reader()
    {
        var clock = new TestClock();
        using var log = new HangingLog();
        var source = new ScriptedSource(clock);
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var stop = new CancellationTokenSource();
        var entry = new TokenEntry("system", source, TimeSpan.FromSeconds(10), clock, new Random(1),
            new TokenMetrics(services.GetRequiredService<IMeterFactory>(), clock), log);
        var loop = entry.RunAsync(stop.Token);

        await source.AnswerAsync("t1", TimeSpan.FromHours(1));
        await log.Began.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        try
        {
            var snapshot = await Task.Run(entry.Snapshot, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
            Assert.True(snapshot.IsUsable);
            Assert.NotNull((await entry.ReadAsync(CancellationToken.None)).Token);
        }
        finally
        {
            log.Release();
            await stop.CancelAsync();
            await loop;
        }
    }

    private sealed class HangingLog : ILogger, IDisposable
    {
        private readonly TaskCompletionSource _began = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualResetEventSlim _released = new();

        public Task Began => _began.Task;

        public void Release() => _released.Set();

        public void Dispose() => _released.Dispose();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            _began.TrySetResult();
            _released.Wait();
        }
    }
}
