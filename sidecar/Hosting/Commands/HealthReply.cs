namespace TokenBroker.Hosting.Commands;

/// <param name="IsGood">The answer was 200.</param>
/// <param name="IsRefused">Nothing listens there, or not yet.</param>
/// <param name="Sentence">What is wrong, on one line.</param>
internal sealed record HealthReply(bool IsGood, bool IsRefused, string Sentence);
