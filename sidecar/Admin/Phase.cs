namespace TokenBroker.Admin;

internal enum Phase
{
    Starting,
    Running,
    Stopping,
}
