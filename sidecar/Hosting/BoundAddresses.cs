using System.Net;

namespace TokenBroker.Hosting;

/// <summary>Where the listeners really are: the system chooses the port where 0 is configured.</summary>
/// <param name="All">In the order of <see cref="Configuration.BrokerOptions.Listeners"/>.</param>
internal sealed record BoundAddresses(IReadOnlyList<IPEndPoint> All)
{
    public IPEndPoint Data => All[0];

    public IPEndPoint Admin => All[1];

    /// <summary>Null if there is none.</summary>
    public IPEndPoint? Health => All.ElementAtOrDefault(2);
}
