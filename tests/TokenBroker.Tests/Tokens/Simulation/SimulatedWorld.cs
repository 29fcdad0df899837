using Microsoft.Extensions.Logging.Abstractions;
using TokenBroker.Configuration;
using TokenBroker.Tokens;
using TokenBroker.Tokens.Sources;

namespace TokenBroker.Tests.Tokens.Simulation;

/// <summary>What came of a run.</summary>
/// <param name="Seed">Gives the same run again.</param>
/// <param name="Violation">The first broken rule, if one was broken.</param>
/// <param name="Requests">Requests that were made.</param>
/// <param name="Sent">Those that went out with a token.</param>
/// <param name="Refused">Those that were refused.</param>
/// <param name="Attempts">Attempts that the endpoint saw.</param>
internal sealed record RunResult(int Seed, string? Violation, int Requests, int Sent, int Refused, int Attempts);

/// <summary>
/// One entry on the product's own source, in a world of random faults, suspends, clock jumps and requests. All of it runs
/// on one thread and follows from the seed.
/// </summary>
internal sealed class SimulatedWorld
{
    private readonly int _seed;
    private readonly Variant _variant;
    private readonly Random _random;
    private readonly TestClock _clock = new();
    private readonly Pump _pump = new();
    private readonly Weather _weather;
    private readonly Oracle _oracle;
    private readonly TokenEntry _entry;
    private readonly PriorityQueue<Action, DateTimeOffset> _events = new();
    private readonly DateTimeOffset _end;
    private int _requests;
    private int _open;

    private SimulatedWorld(int seed)
    {
        (_seed, _variant, _random) = (seed, Variant.Of(seed), new(seed));
        (_weather, _oracle) = (new(_random, _variant.Life), new(_clock));
        _end = _clock.TrueTime + _variant.Span;
        var endpoint = new FakeEndpoint(_clock, _random, _variant, _weather, _oracle);
        var source = new ImdsTokenSource(new HttpMessageInvoker(endpoint), ImdsTokenSource.DefaultEndpoint, IdentitySelector.System,
            "https://storage.azure.com/", TimeSpan.FromSeconds(5), _clock);
        _entry = new("system", source, TimeSpan.FromSeconds(10), _clock, new Random(seed + 1),
            new TokenMetrics(new Meters(), _clock), NullLogger.Instance);
    }

    public static RunResult Run(int seed)
    {
        var world = new SimulatedWorld(seed);
        world._pump.Run(world.Run);
        return new(seed, world._oracle.Violation, world._requests, world._oracle.Sent, world._oracle.Refusals, world._oracle.Attempts);
    }

    private void Run()
    {
        using var stop = new CancellationTokenSource();
        var loop = _entry.RunAsync(stop.Token);
        Every(_variant.Life / 480, () => Request());
        Every(_variant.Life, DisturbClocks);
        Every(_variant.Life, AskAsOperator);
        ChangeWeather();
        while (_clock.TrueTime < _end && _oracle.Violation is null)
            Step();
        stop.Cancel();
        _pump.Drain();
        if (_oracle.Violation is null && (!loop.IsCompletedSuccessfully || _open > 0))
            _oracle.Fail($"after the stop the loop is {loop.Status} and {_open} requests hang");
    }

    /// <summary>Goes on to whatever comes next, a timer or an event, and lets all that follows from it happen.</summary>
    private void Step()
    {
        _events.TryPeek(out _, out var next);
        var toEvent = next - _clock.TrueTime;
        if (_clock.NextTimer is { } toTimer && toTimer < toEvent)
        {
            _clock.Advance(toTimer);
        }
        else
        {
            if (toEvent > TimeSpan.Zero) // a suspend passes over events: they happen when it ends
                _clock.Advance(toEvent);
            _events.Dequeue()();
        }

        _pump.Drain();
    }

    private void In(TimeSpan wait, Action happens) => _events.Enqueue(happens, _clock.TrueTime + wait);

    private void Every(TimeSpan mean, Action happens) => In(mean * -Math.Log(1 - _random.NextDouble()), () =>
    {
        happens();
        Every(mean, happens);
    });

    private void ChangeWeather()
    {
        In(_weather.Change(), ChangeWeather);
        _oracle.Disturbed();
        Crowd();
    }

    /// <summary>Requests are thickest where something has just happened.</summary>
    private void Crowd()
    {
        for (var i = 0; i < 5; i++)
            In(TimeSpan.FromSeconds(15 * _random.NextDouble()), () => Request());
    }

    private void DisturbClocks()
    {
        var size = _variant.Life * (_random.NextDouble() < 0.6 ? 0.03 * _random.NextDouble() : 1.4 * _random.NextDouble());
        switch (_random.Next(4))
        {
            case 0:
                _clock.Suspend(size);
                break;
            case 1:
                SetWall(_clock.WallError + size);
                In(_variant.Life * (0.5 * _random.NextDouble()), () => SetWall(TimeSpan.Zero));
                break;
            case 2:
                SetWall(_clock.WallError - size);
                In(_variant.Life * (0.5 * _random.NextDouble()), () => SetWall(TimeSpan.Zero));
                break;
            default:
                Flap(20, size);
                break;
        }

        Crowd();
    }

    /// <summary>Two time services that disagree: the clock jumps to and fro within seconds.</summary>
    private void Flap(int times, TimeSpan size)
    {
        SetWall(times % 2 == 0 ? size : TimeSpan.Zero);
        if (times > 1)
            In(TimeSpan.FromSeconds(20 * _random.NextDouble()), () => Flap(times - 1, size));
    }

    private void SetWall(TimeSpan error)
    {
        _clock.JumpWall(error - _clock.WallError);
        _oracle.ClockJumped();
        Crowd();
    }

    private void AskAsOperator()
    {
        _oracle.OperatorAsked();
        Observe(_entry.RefreshAsync(CancellationToken.None));
    }

    private void Request()
    {
        _requests++;
        var caller = new CancellationTokenSource();
        if (_random.Next(10) == 0)
            In(TimeSpan.FromSeconds(12 * _random.NextDouble()), caller.Cancel);
        Observe(RequestAsync(caller.Token));
    }

    private async void Observe(Task task)
    {
        _open++;
        try
        {
            await task;
        }
        catch (OperationCanceledException)
        {
            // The caller gave up.
        }
        catch (Exception error)
        {
            _oracle.Fail($"{error.GetType().Name}: {error.Message}");
        }

        _open--;
    }

    private async Task RequestAsync(CancellationToken caller)
    {
        var reading = await _entry.ReadAsync(caller);
        if (reading.Token is not { } token)
        {
            _oracle.Refused(_weather.Phase, reading.Failure!.Code);
            return;
        }

        _oracle.TokenSent(token.HeaderValue);
        if (!_oracle.IsExpired(token.HeaderValue))
            return;
        _oracle.Rejected();
        if (await _entry.ReplaceAsync(token, caller) is { } other)
            _oracle.TokenSent(other.HeaderValue);
    }
}
