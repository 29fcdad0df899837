using System.Globalization;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.Tests.Tokens.Simulation;

/// <summary>
/// Thirty days per seed. A failure names its seed; <c>TOKENBROKER_SIM_SEED=17</c> runs that one alone, and
/// <c>TOKENBROKER_LONG=1</c> runs two hundred.
/// </summary>
[Collection(nameof(LongTests))]
public class SimulationTests
{
    [Fact]
    public void No_fault_and_no_clock_loses_a_request_that_a_valid_token_could_have_served()
    {
        var chosen = Environment.GetEnvironmentVariable("TOKENBROKER_SIM_SEED");
        Check(chosen is null ? Enumerable.Range(0, 10) : [int.Parse(chosen, CultureInfo.InvariantCulture)]);
    }

    [Fact]
    [Long]
    public void No_fault_and_no_clock_loses_a_request_in_two_hundred_worlds() => Check(Enumerable.Range(10, 200));

    [Fact]
    public void The_same_seed_gives_the_same_run() => Assert.Equal(SimulatedWorld.Run(3), SimulatedWorld.Run(3));

    private static void Check(IEnumerable<int> seeds)
    {
        var runs = seeds.AsParallel().WithDegreeOfParallelism(2).Select(SimulatedWorld.Run).OrderBy(run => run.Seed).ToList();
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{runs.Count} seeds, {runs.Sum(run => run.Requests)} requests, {runs.Sum(run => run.Refused)} of them refused, {runs.Sum(run => run.Attempts)} attempts");
        Assert.All(runs, run => Assert.True(run.Violation is null, $"Seed {run.Seed}: {run.Violation}"));
        // Worlds in which nothing is ever sent or refused prove nothing. In a lucky one no request is refused.
        Assert.All(runs, run => Assert.True(run.Sent > 1000 && run.Attempts > 50, run.ToString()));
        Assert.True(runs.Count == 1 || runs.Count(run => run.Refused > 0) > 0.9 * runs.Count, "nearly nothing was refused");
    }
}
