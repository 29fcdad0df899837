namespace TokenBroker.Hosting.Listening;

/// <summary>
/// Which listener accepted a connection. Set by the listener itself, so that no header can change it.
/// </summary>
internal sealed class ListenerRole
{
    public static readonly ListenerRole Data = new("data");
    public static readonly ListenerRole Admin = new("admin");
    public static readonly ListenerRole Health = new("health");

    private readonly string _name;

    private ListenerRole(string name) => _name = name;

    public override string ToString() => _name;
}
