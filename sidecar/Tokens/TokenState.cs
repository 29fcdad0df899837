namespace TokenBroker.Tokens;

internal enum TokenState
{
    None,
    Acquiring,
    Fresh,
    Refreshing,
    Stale,
    Expired,
}
