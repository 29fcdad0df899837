using Xunit;
using static TokenBroker.Tests.Architecture.Findings;

namespace TokenBroker.Tests.Architecture;

/// <summary>A reader finds a type by its name and its namespace, in a folder that can be taken in at a glance.</summary>
public class FolderTests
{
    private const int MaxFiles = 15;

    /// <summary>Types that lie in the file of another type, because the two are one idea.</summary>
    private static readonly string[] Together =
    [
        "Configuration/BlobOperations.cs: BlobOperationWords",
        "Configuration/BrokerOptions.cs: AuditWhenFull",
        "Configuration/IdentitySelector.cs: IdentityKind",
        "Diagnosis/CheckReport.cs: CheckDocument",
        "Diagnosis/CheckReport.cs: CheckJson",
        "Diagnosis/CheckReport.cs: CheckRow",
        "Diagnosis/Checks/TokenCheck.cs: TokenAttempt",
        "Proxy/Bodies/BodyGathering.cs: Gathered",
        "Proxy/Policy/OperationTable.cs: CopySourceRead",
        "Proxy/Policy/OperationTable.cs: OperationRow",
        "Proxy/Policy/OperationTable.cs: RequestScope",
        "Proxy/Policy/SasNeed.cs: SasVariant",
        "Proxy/RefusalOfCaller.cs: Refusal",
        "Proxy/RequestsInFlight.cs: RequestSlot",
        "Proxy/Rewriting/Batch/BatchLines.cs: BatchLine",
        "Proxy/Rewriting/Batch/BatchLines.cs: LineEnd",
        "Proxy/Rewriting/Batch/BatchLines.cs: LineKind",
        "Upstream/AddressRace.cs: DialledConnection",
        "Upstream/OwnListeners.cs: OwnListenerException",
    ];

    [Theory]
    [InlineData("sidecar", "TokenBroker")]
    [InlineData("client", "TokenBroker.Client")]
    [InlineData("compose/local", "TokenBroker.Local")]
    [InlineData("compose/imds", "TokenBroker.Imds")]
    public void Namespaces_equal_folders(string project, string root) =>
        NoneOf(SourceFile.Of(project).Select(file => file.WrongNamespace(root)).OfType<string>());

    [Theory]
    [InlineData("sidecar")]
    [InlineData("client")]
    [InlineData("compose")]
    public void A_folder_has_at_most_15_files(string project) => NoneOf(SourceFile.Crowded(SourceFile.Of(project), MaxFiles));

    [Fact]
    public void A_type_lives_in_the_file_that_bears_its_name() =>
        NoneOf(SourceFile.Of("sidecar").SelectMany(file => file.Strangers()).Except(Together));

    [Fact]
    public void What_is_allowed_to_share_a_file_does() =>
        NoneOf(Together.Except(SourceFile.Of("sidecar").SelectMany(file => file.Strangers())));
}
