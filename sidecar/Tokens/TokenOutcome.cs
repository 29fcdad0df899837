namespace TokenBroker.Tokens;

internal enum TokenOutcome
{
    Refreshed,
    Unchanged,
    Failed,
}
