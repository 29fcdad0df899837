using TokenBroker.Configuration;
using TokenBroker.Logging;
using TokenBroker.Tests.Tokens;
using Xunit;

namespace TokenBroker.Tests.Logging;

/// <summary>The queue of log messages is bounded, and nobody waits for room in it.</summary>
public class LogQueueTests
{
    private static readonly byte[] Text = [.. "a line\n"u8];

    private readonly TestClock _clock = new();

    private LogQueue Create(AuditWhenFull whenFull = AuditWhenFull.Drop) =>
        new(new() { Accounts = [], Audit = true, AuditWhenFull = whenFull, MaxRequests = 10 }, _clock);

    /// <summary>Adds messages until one finds no room.</summary>
    private static int Fill(LogQueue queue, bool isAudit, int bytes = 7)
    {
        var count = 0;
        for (; count < 100_000 && queue.TryReserve(isAudit); count++)
            queue.Add(new(new byte[bytes], isAudit));
        return count;
    }

    [Fact]
    public void What_finds_no_room_is_counted_and_other_messages_leave_room_for_audit_lines()
    {
        var queue = Create();

        Assert.Equal(3072, Fill(queue, isAudit: false));
        Assert.Equal(new(1, 0), queue.Dropped);
        Assert.Equal(1024, Fill(queue, isAudit: true));
        Assert.Equal(new(2, 1), queue.Dropped);
        Assert.True(queue.IsFull);
    }

    [Fact]
    public void Long_messages_are_bounded_in_sum()
    {
        var queue = Create();

        Assert.InRange(Fill(queue, isAudit: true, bytes: 60_000), 1, 4096 * 1024 / 60_000 + 1);
    }

    [Fact]
    public void A_reserved_place_is_there_when_its_line_comes_whatever_came_between()
    {
        var queue = Create(AuditWhenFull.Refuse);
        Assert.True(queue.TryReserve(isAudit: true));
        Assert.Equal(4096 + 10 - 1, Fill(queue, isAudit: true));

        queue.Add(new(Text, IsAudit: true));

        Assert.Equal(new(1, 1), queue.Dropped); // the one that Fill ended with
        Assert.False(queue.TryReserve(isAudit: true));
        Assert.True(queue.Take(out _));
        Assert.True(queue.TryReserve(isAudit: true));
    }

    [Fact]
    public void Drops_are_reported_once_there_is_room_and_in_between_only_now_and_then()
    {
        var queue = Create();
        Fill(queue, isAudit: true);
        Assert.Null(queue.UnreportedDrops());

        _clock.Advance(TimeSpan.FromSeconds(11));
        var first = queue.UnreportedDrops();
        Assert.Equal(new DroppedCounts(1, 1), first);
        queue.MarkReported(new(1, 1));
        Assert.Null(queue.UnreportedDrops());

        Assert.False(queue.TryReserve(isAudit: true));
        Assert.Null(queue.UnreportedDrops());
        while (queue.UnreportedDrops() is null)
            Assert.True(queue.Take(out _));
        Assert.Equal(new DroppedCounts(1, 1), queue.UnreportedDrops());
    }

    [Theory]
    [InlineData(nameof(AuditWhenFull.Drop), false)]
    [InlineData(nameof(AuditWhenFull.Refuse), true)]
    public void Output_that_fails_is_full_where_no_audit_line_may_be_lost(string whenFull, bool isFull)
    {
        var queue = Create(Enum.Parse<AuditWhenFull>(whenFull));

        Assert.Equal(isFull, queue.WaitToRetry(TimeSpan.Zero));
        Assert.Equal(isFull, queue.IsFull);

        queue.MarkWritable();
        Assert.False(queue.IsFull);
        queue.Close();
        Assert.False(queue.WaitToRetry(TimeSpan.FromHours(1)));
    }

    [Fact]
    public void What_was_written_before_the_end_is_still_taken()
    {
        var queue = Create();
        Assert.True(queue.TryReserve(isAudit: false));
        queue.Add(new(Text, IsAudit: false));

        queue.Close();

        Assert.True(queue.Take(out _));
        Assert.False(queue.Take(out _));
    }
}
