namespace TokenBroker.EndToEnd.Browser;

/// <summary>One thing that a page tried.</summary>
/// <param name="Name">Its name in page/attempts.js.</param>
/// <param name="Read">All that the page learned; empty if nothing.</param>
/// <param name="TimedOut">Nothing came of it, not even a failure.</param>
internal sealed record Attempt(string Name, string Read, bool TimedOut);
