namespace TokenBroker.EndToEnd.ClientMatrix;

/// <summary>What one client is to see of one operation.</summary>
internal sealed record Cell(Client Client, Operation Operation, Expectation Expectation)
{
    /// <summary>The part of the product that it needs, by its name in <see cref="NotBuiltYet"/>; null if it is there.</summary>
    public string? Needs { get; init; }
}
