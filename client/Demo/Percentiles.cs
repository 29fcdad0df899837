namespace TokenBroker.Client.Demo;

/// <summary>The median and the 95th percentile by nearest rank: each is a real sample.</summary>
internal readonly record struct Percentiles(double P50, double P95)
{
    public static Percentiles? Of(IReadOnlyCollection<double> samples)
    {
        if (samples.Count == 0)
            return null;

        double[] sorted = [.. samples.Order()];
        return new Percentiles(AtRank(sorted, 0.50), AtRank(sorted, 0.95));
    }

    private static double AtRank(double[] sorted, double share) => sorted[(int)Math.Ceiling(share * sorted.Length) - 1];
}
