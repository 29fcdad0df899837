namespace TokenBroker.EndToEnd.ClientMatrix;

/// <summary>What one client is to see of one operation.</summary>
internal sealed record Cell(Client Client, Operation Operation, Expectation Expectation);
