using System.Globalization;
using System.Text.RegularExpressions;

namespace TokenBroker.EndToEnd.Telemetry;

/// <summary>A histogram as <c>/metrics</c> has it: for each upper bound, how many were not above it.</summary>
internal sealed partial class PrometheusHistogram
{
    private readonly SortedDictionary<double, double> _buckets = [];

    public double Count => _buckets.Values.LastOrDefault();

    /// <summary>All series of one name, added up.</summary>
    public static PrometheusHistogram Read(string metrics, string name)
    {
        var histogram = new PrometheusHistogram();
        foreach (Match match in Bucket().Matches(metrics))
        {
            if (match.Groups["name"].Value != name)
                continue;
            var bound = match.Groups["le"].Value == "+Inf" ? double.PositiveInfinity : double.Parse(match.Groups["le"].Value, CultureInfo.InvariantCulture);
            histogram._buckets[bound] = histogram._buckets.GetValueOrDefault(bound) + double.Parse(match.Groups["count"].Value, CultureInfo.InvariantCulture);
        }

        return histogram;
    }

    /// <summary>What came after an earlier reading.</summary>
    public PrometheusHistogram Since(PrometheusHistogram earlier)
    {
        var since = new PrometheusHistogram();
        foreach (var (bound, count) in _buckets)
            since._buckets[bound] = count - earlier._buckets.GetValueOrDefault(bound);
        return since;
    }

    /// <summary>As Prometheus's own <c>histogram_quantile</c> reads it: along a straight line within a bucket.</summary>
    public double Quantile(double share)
    {
        var (wanted, below, from) = (Count * share, 0.0, 0.0);
        foreach (var (bound, count) in _buckets)
        {
            if (count >= wanted)
                return from + ((bound - from) * (wanted - below) / (count - below));
            (below, from) = (count, bound);
        }

        return double.NaN;
    }

    [GeneratedRegex("""^(?<name>\w+)_bucket\{[^\n}]*le="(?<le>[^"]+)"\} (?<count>\d+)""", RegexOptions.Multiline)]
    private static partial Regex Bucket();
}
