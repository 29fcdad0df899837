using System.Diagnostics.Metrics;

namespace TokenBroker.Tests.Tokens.Simulation;

/// <summary>Makes the meters of one test, so that its listener hears nothing of the tests beside it.</summary>
internal sealed class Meters : IMeterFactory
{
    private readonly List<Meter> _made = [];

    public bool Made(Meter meter) => _made.Contains(meter);

    public Meter Create(MeterOptions options)
    {
        var meter = new Meter(options);
        _made.Add(meter);
        return meter;
    }

    public void Dispose() => _made.ForEach(meter => meter.Dispose());
}
