namespace TokenBroker.Hosting.Listening;

/// <summary>The real addresses of the listeners: the system chooses the port if 0 is configured.</summary>
/// <param name="All">In the order of <see cref="Configuration.BrokerOptions.Listeners"/>; <c>localhost</c> has up to two.</param>
internal sealed record BoundAddresses(IReadOnlyList<OpenListener> All)
{
    /// <summary>The first data listener; its address is 127.0.0.1 where <c>localhost</c> is configured.</summary>
    public OpenListener Data => All.First(listener => listener.Role == ListenerRole.Data);

    public OpenListener Admin => All.First(listener => listener.Role == ListenerRole.Admin);

    /// <summary>Null if there is none.</summary>
    public OpenListener? Health => All.FirstOrDefault(listener => listener.Role == ListenerRole.Health);

    /// <summary>Those that are neither <see cref="Data"/>, <see cref="Admin"/> nor <see cref="Health"/>.</summary>
    public IEnumerable<OpenListener> Further => All.Where(listener => listener != Data && listener != Admin && listener != Health);
}
