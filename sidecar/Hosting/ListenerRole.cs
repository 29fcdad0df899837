namespace TokenBroker.Hosting;

/// <summary>
/// Which listener a connection came in by. Set by the listener itself, so that no header can make one pass for the other.
/// </summary>
internal sealed class ListenerRole
{
    public static readonly ListenerRole Data = new();
    public static readonly ListenerRole Admin = new();
    public static readonly ListenerRole Health = new();

    private ListenerRole()
    {
    }
}
