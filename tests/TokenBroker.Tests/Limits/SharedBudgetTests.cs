using TokenBroker.Limits;
using Xunit;

namespace TokenBroker.Tests.Limits;

/// <summary>Half of an amount is reserved for the accounts in equal parts, the rest is for those who ask first.</summary>
public class SharedBudgetTests
{
    [Fact]
    public void Single_account_has_all_of_it()
    {
        var budget = new SharedBudget(10, ["a"]);

        Assert.True(budget.TryTake("a", 10));
        Assert.False(budget.TryTake("a", 1));
        Assert.Equal(10, budget.MaxOfAccount);
    }

    [Theory]
    [InlineData(100, 2, 75)]
    [InlineData(100, 4, 64)]
    [InlineData(2048, 10, 1130)]
    [InlineData(3, 2, 2)]
    [InlineData(1, 2, 1)] // too little to reserve
    public void An_account_that_takes_all_it_can_leaves_each_other_its_part(int total, int accounts, int most)
    {
        var names = Enumerable.Range(0, accounts).Select(i => $"{i}").ToList();
        var budget = new SharedBudget(total, names);

        Assert.Equal(most, Take(budget, "0"));
        Assert.Equal(most, budget.MaxOfAccount);
        Assert.All(names.Skip(1), name => Assert.Equal((total - most) / (accounts - 1), Take(budget, name)));
        Assert.True(budget.Used <= total);
    }

    [Fact]
    public void What_is_returned_fills_the_shared_part_first()
    {
        var budget = new SharedBudget(4, ["a", "b"]); // one reserved for each, two shared
        Assert.Equal(3, Take(budget, "a"));

        budget.Return("a", 1);

        Assert.Equal(2, Take(budget, "b"));
        budget.Return("a", 2);
        budget.Return("b", 2);
        Assert.Equal(0, budget.Used);
        Assert.Equal(3, Take(budget, "b"));
    }

    [Fact]
    public void An_amount_that_does_not_fit_takes_nothing()
    {
        var budget = new SharedBudget(100, ["a", "b"]);

        Assert.False(budget.TryTake("a", 76));
        Assert.Equal(0, budget.Used);
        Assert.True(budget.TryTake("a", 75));
    }

    private static int Take(SharedBudget budget, string account)
    {
        var taken = 0;
        while (budget.TryTake(account, 1))
            taken++;
        return taken;
    }
}
