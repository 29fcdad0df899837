using System.Text.Json.Nodes;

namespace TokenBroker.EndToEnd.ClientMatrix;

/// <summary>A program of one client that runs every operation which the client has.</summary>
internal abstract class Driver
{
    /// <summary>What the client's code saw, by the operation's id. Ids, dates and addresses are no part of it.</summary>
    /// <param name="leg">The way to storage.</param>
    /// <param name="lines">The lines of docs/clients.md, filled in for that way.</param>
    /// <param name="container">A container that does not exist yet; the same name on both ways.</param>
    public abstract Task<IReadOnlyDictionary<string, JsonObject>> RunAsync(Leg leg, string lines, string container);

    public static Driver Of(Client client) =>
        client == Client.DotNet ? new DotNetDriver()
        : client == Client.JavaScript ? ScriptDriver.JavaScript
        : client == Client.Python ? ScriptDriver.Python("python.py")
        : client == Client.Ruby ? ScriptDriver.Ruby
        : client == Client.Az ? new AzDriver()
        : client == Client.Libcloud ? ScriptDriver.Python("libcloud_storage.py")
        : client == Client.Django ? ScriptDriver.Python("django_storage.py")
        : client == Client.Duplicity ? new DuplicityDriver()
        : client == Client.Curl ? new CurlDriver()
        : client == Client.Rclone ? new RcloneDriver()
        : FurtherDrivers.Of(client);
}
