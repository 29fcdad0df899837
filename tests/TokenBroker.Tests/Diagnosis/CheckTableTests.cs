using TokenBroker.Diagnosis;
using Xunit;

namespace TokenBroker.Tests.Diagnosis;

/// <summary>The report as people see it.</summary>
public class CheckTableTests
{
    private static readonly CheckReport Report = new(
    [
        Finding.Of("this host", Cause.ProxyNone),
        Finding.Of("photos", Cause.StorageNoRole, ("status", "403"), ("tenant", null)) with { Names = [new("OBJECT-ID", "oid-1"), new("ACCOUNT", "photos")] },
    ]);

    [Fact]
    public void Rows_are_aligned_and_the_cure_has_the_names_of_this_host()
    {
        var lines = CheckTable.Write(Report, colours: false).Split('\n');

        Assert.Equal("ok       this host  proxy-none       No variable names a web proxy.", lines[0]);
        Assert.Equal("failure  photos     storage-no-role  Storage knows the identity, but it has no role that allows reading here.", lines[1]);
        Assert.Equal(new string(' ', 37) + "status: 403", lines[2]);
        Assert.StartsWith(new string(' ', 37) + "→ Grant a role: az role assignment create", lines[3], StringComparison.Ordinal);
        Assert.Contains("--assignee-object-id oid-1", lines[3], StringComparison.Ordinal);
        Assert.Contains("--name photos", lines[3], StringComparison.Ordinal);
        Assert.Equal("Found: storage-no-role (photos).", lines[^2]);
        Assert.Equal(Verdict.Failure, Report.Worst);
    }

    [Fact]
    public void Colours_are_for_terminals() =>
        Assert.StartsWith("\e[32mok     \e[0m  this host", CheckTable.Write(Report, colours: true), StringComparison.Ordinal);
}
