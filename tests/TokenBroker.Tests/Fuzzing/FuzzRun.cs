using System.Diagnostics;
using System.Globalization;
using CsCheck;
using Xunit;

namespace TokenBroker.Tests.Fuzzing;

/// <summary>
/// The one driver of all surfaces: first what is kept, then as many generated cases as the surface's part of
/// <c>TOKENBROKER_FUZZ</c> comes to. An exception fails the run, and so does an execution that does not end, or a
/// generator whose cases hardly ever get past parsing. A failure names CsCheck's seed, and the case as a line for
/// <c>kept.txt</c>.
/// </summary>
internal sealed class FuzzRun<T>(FuzzSurface<T> surface) where T : class
{
    private const int Usual = 40_000;

    /// <summary>An execution takes microseconds. The rest is for a machine that does something else.</summary>
    private static readonly TimeSpan Hang = TimeSpan.FromMinutes(1);

    private readonly long[] _verdicts = new long[3];
    private long _executions;
    private T? _current;

    public async Task RunAsync()
    {
        var total = Environment.GetEnvironmentVariable("TOKENBROKER_FUZZ") is { Length: > 0 } text
            ? long.Parse(text, CultureInfo.InvariantCulture)
            : Usual;
        var kept = KeptCases.Of<T>(surface.Name);
        var began = TimeProvider.System.GetTimestamp();
        // A thread of its own: if it never ends, the test still does.
        await WatchAsync(Task.Factory.StartNew(() =>
        {
            foreach (var one in kept)
                Replay(one);
            Array.Clear(_verdicts);
            surface.Cases.Sample(Observe, iter: total * surface.Weight / 10, threads: 1, print: one => KeptCases.LineOf(surface.Name, one));
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        var executions = (double)_verdicts.Sum();
        var (past, accepted) = (1 - (_verdicts[(int)FuzzVerdict.Unread] / executions), _verdicts[(int)FuzzVerdict.Accepted] / executions);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{surface.Name}: {kept.Count} kept, {executions} executions, {past:P1} past parsing, {accepted:P1} accepted, {TimeProvider.System.GetElapsedTime(began).TotalSeconds:F1} s"));
        Assert.True(past >= 0.3, $"Only {past:P1} of the cases got past parsing: the rest tests little. Change the generator.");
        Assert.True(accepted > 0.01 && past - accepted > 0.01, $"{accepted:P1} of the cases are accepted: what is let through, or what is refused, is hardly tested. Change the generator.");
    }

    private void Replay(T one)
    {
        try
        {
            Observe(one);
        }
        catch (Exception error)
        {
            throw new FuzzViolation($"A kept case fails: {KeptCases.LineOf(surface.Name, one)}\n{error}");
        }
    }

    private void Observe(T one)
    {
        Volatile.Write(ref _current, one);
        _verdicts[(int)surface.Execute(one)]++;
        Volatile.Write(ref _executions, _executions + 1);
    }

    private async Task WatchAsync(Task work)
    {
        var (seen, since) = (0L, Stopwatch.StartNew());
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (await Task.WhenAny(work, timer.WaitForNextTickAsync().AsTask()) != work)
        {
            if (seen != Volatile.Read(ref _executions))
            {
                seen = Volatile.Read(ref _executions);
                since.Restart();
            }

            Assert.True(since.Elapsed < Hang, $"This case does not end: {KeptCases.LineOf(surface.Name, Volatile.Read(ref _current)!)}");
        }

        await work;
    }
}
