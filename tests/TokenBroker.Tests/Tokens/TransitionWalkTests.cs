using TokenBroker.Tokens;
using Xunit;

namespace TokenBroker.Tests.Tokens;

/// <summary>Random walks find no arrow that the drawing of <see cref="TokenEntry"/> does not have, and walk all that it has.</summary>
public class TransitionWalkTests
{
    private static readonly (TokenState From, TokenState To)[] Drawn =
    [
        (TokenState.None, TokenState.Acquiring),
        (TokenState.Acquiring, TokenState.None),
        (TokenState.Acquiring, TokenState.Fresh),
        (TokenState.Acquiring, TokenState.Expired),
        (TokenState.Acquiring, TokenState.Refreshing), // the wall clock was set right
        (TokenState.Expired, TokenState.Acquiring),
        (TokenState.Expired, TokenState.Fresh), // the wall clock was set right
        (TokenState.Expired, TokenState.Stale), // the wall clock was set right
        (TokenState.Fresh, TokenState.Refreshing),
        (TokenState.Fresh, TokenState.Expired),
        (TokenState.Refreshing, TokenState.Fresh),
        (TokenState.Refreshing, TokenState.Stale),
        (TokenState.Refreshing, TokenState.Acquiring),
        (TokenState.Stale, TokenState.Refreshing),
        (TokenState.Stale, TokenState.Expired),
    ];

    [Fact]
    public void No_sequence_of_events_takes_an_arrow_that_is_not_drawn_and_all_arrows_are_taken()
    {
        var taken = new HashSet<(TokenState, TokenState)>();
        for (var seed = 0; seed < 400; seed++)
            Walk(seed, taken);
        Assert.Equal(Drawn.Order(), taken.Order());
    }

    private static void Walk(int seed, HashSet<(TokenState, TokenState)> taken)
    {
        var random = new Random(seed);
        using var fixture = new PumpedEntry();
        var last = TokenState.None;
        fixture.Observe = () =>
        {
            var state = fixture.State;
            if (state == last)
                return;
            Assert.True(Drawn.Contains((last, state)), $"seed {seed}: {last} → {state}");
            taken.Add((last, state));
            last = state;
        };
        fixture.Start();
        for (var step = 0; step < 60; step++)
            Step(fixture, random, step);
        fixture.Observe = () => { };
    }

    private static void Step(PumpedEntry fixture, Random random, int step)
    {
        var some = TimeSpan.FromMinutes(Math.Pow(10, 3 * random.NextDouble() - 1));
        var action = random.Next(8);
        if (action == 0)
            fixture.Suspend(some);
        else if (action == 1)
            fixture.JumpWall(some);
        else if (action == 2)
            fixture.JumpWall(-fixture.Clock.WallError);
        else if (action == 3)
            _ = random.Next(2) == 0 ? fixture.Read() : (Task)fixture.Refresh();
        else if (action <= 5 || !fixture.Attempting)
            fixture.Advance(some / 4);
        else if (action == 6)
            fixture.Answer($"token {step / random.Next(1, 20)}", some);
        else
            fixture.Fail();
    }
}
