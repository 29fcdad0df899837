using TokenBroker.Configuration;
using TokenBroker.Limits;
using Xunit;

namespace TokenBroker.Tests.Limits;

/// <summary>What is configured is taken only as far as the host's descriptors and memory suffice for all of it at once.</summary>
public class EffectiveLimitsTests
{
    private const long GiB = 1024L * 1024 * 1024;

    private static readonly BrokerOptions Defaults = new() { Accounts = [new() { Name = "acct", Endpoint = new("https://acct.invalid") }] };

    [Fact]
    public void Host_with_enough_of_both_takes_what_is_configured()
    {
        var limits = EffectiveLimits.Of(Defaults, new(1_048_576, 100, 16 * GiB));

        Assert.Equal((4096, 2048), (limits.Connections, limits.Requests));
        Assert.Equal((false, false), (limits.AreBoundByDescriptors, limits.AreBoundByMemory));
    }

    [Theory]
    [InlineData(256)]
    [InlineData(1024)]
    [InlineData(4096)]
    [InlineData(8000)]
    public void Each_request_of_a_connection_has_a_descriptor_to_storage(int descriptors)
    {
        var limits = EffectiveLimits.Of(Defaults, new(descriptors, 60, 16 * GiB));

        Assert.True(limits.Connections + limits.UpstreamConnections + 60 < descriptors);
        Assert.True(limits.Requests <= limits.UpstreamConnections && limits.Requests <= limits.Connections);
        Assert.Equal(limits.Connections < 4096 || limits.Requests < 2048, limits.AreBoundByDescriptors);
    }

    [Fact]
    public void Idle_connections_close_soon_only_where_those_of_other_accounts_could_leave_none()
    {
        var several = Defaults with { MaxConnections = 100, MaxRequests = 100, Accounts = [.. Enumerable.Range(0, 6).Select(i => new AccountOptions { Name = $"acct{i}", Endpoint = new($"https://acct{i}.invalid") })] };

        Assert.False(EffectiveLimits.Of(several, new(2000, 100, 16 * GiB)).AreUpstreamConnectionsScarce);
        var scarce = EffectiveLimits.Of(several, new(700, 100, 16 * GiB));
        Assert.Equal((100, 100, true), (scarce.Connections, scarce.Requests, scarce.AreUpstreamConnectionsScarce));
    }

    [Theory]
    [InlineData(256, 5)]
    [InlineData(1024, 32)]
    public void Admin_and_health_listeners_leave_most_of_few_descriptors_to_the_others(int descriptors, int admin)
    {
        var limits = EffectiveLimits.Of(Defaults with { HealthListen = Defaults.Admin }, new(descriptors, 110, 16 * GiB));

        Assert.Equal(admin, limits.AdminConnections);
        Assert.InRange(limits.Requests, 8, descriptors);
    }

    [Theory]
    [InlineData(0.125)]
    [InlineData(0.1875)]
    [InlineData(0.375)]
    [InlineData(1)]
    [InlineData(64)]
    public void All_parts_together_fit_the_memory(double gigabytes)
    {
        var memory = (long)(gigabytes * GiB);
        var limits = EffectiveLimits.Of(Defaults, new(1_048_576, 100, memory));

        // 48 KiB a connection, 320 KiB a request; a head becomes strings of twice its size.
        Assert.True((limits.Connections * 48L * 1024) + (limits.Requests * 320L * 1024) + limits.BufferedBytes + (3 * limits.HeadBytes) <= memory);
        Assert.Equal(memory < 2 * GiB, limits.AreBoundByMemory);
    }

    [Fact]
    public void System_without_a_descriptor_limit_takes_what_is_configured() =>
        Assert.Equal(4096, EffectiveLimits.Of(Defaults, new(null, 256, 16 * GiB)).Connections);

    [Fact]
    public void Budget_for_bodies_is_what_is_configured_and_otherwise_holds_two_of_the_largest()
    {
        Assert.Equal(5_000_000, EffectiveLimits.Of(Defaults with { MaxBufferedBytes = 5_000_000 }, new(null, 0, GiB)).BufferedBytes);
        Assert.Equal(128 * 1024 * 1024, EffectiveLimits.Of(Defaults, new(null, 0, GiB)).BufferedBytes);
        Assert.Equal(400_000_000, EffectiveLimits.Of(Defaults with { Upstream = new() { ChunkedUploadLimit = 200_000_000 } }, new(null, 0, GiB)).BufferedBytes);
    }
}
