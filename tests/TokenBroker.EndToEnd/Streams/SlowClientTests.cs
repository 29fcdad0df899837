using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.Streams;

/// <summary>A slow client is storage's to judge: the time itself is what is tested.</summary>
[Long]
public class SlowClientTests
{
    /// <summary>The server by itself cuts off after 5 s whoever moves less than 240 bytes a second.</summary>
    [Fact]
    public Task Clients_that_stand_still_or_move_10_bytes_a_second_for_12_seconds_are_served() => SlowTransfers.RunAsync(TimeSpan.FromSeconds(12));
}

[Collection(nameof(LongTests))]
public class VerySlowClientTests
{
    [Fact, Long]
    public Task Clients_that_stand_still_or_move_10_bytes_a_second_for_300_seconds_are_served() => SlowTransfers.RunAsync(TimeSpan.FromSeconds(300));
}
