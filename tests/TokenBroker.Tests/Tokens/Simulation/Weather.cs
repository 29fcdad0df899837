namespace TokenBroker.Tests.Tokens.Simulation;

/// <summary>What the endpoint does to whoever asks.</summary>
internal enum Condition
{
    Healthy,
    Status,
    Hang,
    Slow,
    Refused,
    Reset,
    BrokenBody,
    Garbage,
    Expired,
    Same,
    Skewed,

    /// <summary>Another one of the above for each attempt.</summary>
    Mixed,
}

/// <summary>Phases of health and of faults, each of a random kind and length; many end before a token could, some do not.</summary>
internal sealed class Weather(Random random, TimeSpan life)
{
    public Condition Phase { get; private set; } = Condition.Healthy;

    /// <summary>What the next attempt meets.</summary>
    public Condition Condition => Phase == Condition.Mixed ? (Condition)random.Next((int)Condition.Mixed) : Phase;

    /// <summary>Begins another phase, and tells how long it lasts.</summary>
    public TimeSpan Change()
    {
        if (Phase != Condition.Healthy && random.NextDouble() < 0.9)
        {
            Phase = Condition.Healthy;
            return life * (0.01 + 0.6 * random.NextDouble());
        }

        Phase = (Condition)random.Next(1, (int)Condition.Mixed + 1);
        var kind = random.NextDouble();
        return life * (kind < 0.6 ? 0.001 + 0.02 * random.NextDouble()
            : kind < 0.9 ? 0.05 + 0.5 * random.NextDouble()
            : 0.8 + 0.8 * random.NextDouble());
    }
}
