using System.Net;
using System.Net.Sockets;
using TokenBroker.TestSupport.Network;

namespace TokenBroker.TestSupport.Storage;

public sealed record StrictStorageOptions
{
    /// <summary>Azure takes a bearer over https alone. Plain http is for the few tests that want to see the wire.</summary>
    public bool Https { get; init; } = true;

    public IReadOnlyList<StorageAccount> Accounts { get; init; } = [new StorageAccount("acct")];

    /// <summary>DNS names that the certificate carries besides 127.0.0.1, ::1 and localhost.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Certificates shared with other stubs; by default it makes its own.</summary>
    public Certificates? Certificates { get; init; }

    /// <summary>The clock that tokens expire by: true time, in tests with several clocks.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Makes and binds the socket it listens on, in another network say; by default its own.</summary>
    public Func<EndPoint, Socket>? CreateListenSocket { get; init; }
}
