namespace TokenBroker.Tokens;

internal enum TokenTrigger
{
    Start,
    Scheduled,
    Demand,
    Rejected,
    Operator,
}
