using System.Text.RegularExpressions;
using Xunit;
using static TokenBroker.Tests.Architecture.Findings;

namespace TokenBroker.Tests.Architecture;

/// <summary>
/// Imports run one way: Program → Hosting → {Proxy, Admin, Diagnosis} → {Logging, Limits, Upstream, Tokens}, Upstream → Limits;
/// all may read Configuration. Inside a slice, the second table says which folder may use which.
/// </summary>
public class BoundaryTests
{
    private const string Root = "TokenBroker";

    private static readonly Dictionary<string, string[]> MayUse = new()
    {
        [""] = ["Configuration", "Limits", "Logging", "Hosting"],
        ["Configuration"] = [],
        ["Limits"] = ["Configuration"],
        ["Logging"] = ["Configuration"],
        ["Tokens"] = ["Configuration"],
        ["Upstream"] = ["Configuration", "Limits"],
        ["Proxy"] = ["Configuration", "Limits", "Logging", "Tokens", "Upstream"],
        ["Admin"] = ["Configuration", "Logging", "Tokens"],
        ["Diagnosis"] = ["Configuration", "Limits", "Tokens", "Upstream"],
        ["Hosting"] = ["Configuration", "Limits", "Logging", "Tokens", "Upstream", "Proxy", "Admin", "Diagnosis"],
    };

    /// <summary>The folders inside a slice. What is allowed here can only shrink: an allowance that nothing needs is a fault too.</summary>
    private static readonly Dictionary<string, Dictionary<string, string[]>> MayUseInside = new()
    {
        ["Configuration"] = new()
        {
            [""] = [],
            ["Reading"] = [""],
        },
        ["Tokens"] = new()
        {
            [""] = ["Answers", "Schedule", "Sources"],
            ["Answers"] = [],
            ["Schedule"] = ["Answers"],
            ["Sources"] = ["Answers", "Schedule"],
        },
        ["Proxy"] = new()
        {
            [""] = ["Addressing", "Bodies", "CallerKey", "Policy", "Rewriting", "Rewriting.Batch", "Telemetry"],
            ["Addressing"] = ["BlobRequest", "Refusal"],
            ["Bodies"] = ["Refusal"],
            ["CallerKey"] = ["BlobRequest", "Refusal", "Addressing", "Policy"],
            ["Policy"] = ["BlobRequest", "Refusal", "Addressing", "Telemetry"],
            ["Rewriting"] = ["BlobRequest", "Exchange", "Refusal", "Addressing", "Bodies", "Policy", "Rewriting.Batch", "Telemetry"],
            ["Rewriting.Batch"] = ["BlobRequest", "Refusal", "Addressing", "Policy", "Rewriting"],
            ["Telemetry"] = ["BlobRequest", "Exchange", "Refusal", "Addressing", "Policy"],
        },
        ["Diagnosis"] = new()
        {
            [""] = ["Checks"],
            ["Checks"] = [""],
        },
        ["Hosting"] = new()
        {
            [""] = ["Commands", "Files", "Listening"],
            ["Commands"] = [],
            ["Files"] = [],
            ["Listening"] = ["Files"],
        },
    };

    /// <summary>ProxyEndpoint and HostCheck call the folders below them, which know the refusals and the findings beside them.</summary>
    private static readonly string[] WithCircles = [$"{Root}.Proxy", $"{Root}.Diagnosis"];

    /// <summary>Constants are only seen where a using directive names their namespace. Program.cs has no namespace.</summary>
    private static IEnumerable<Import> Imports() =>
        CompiledImports.Sidecar.Concat(SourceFile.Of("sidecar").SelectMany(file => file.Imports()))
            .Select(import => import.Namespace.Length == 0 ? import with { Namespace = Root } : import);

    [Fact]
    public void Imports_run_one_way() => NoneOf(new Boundary(Root, MayUse).Breaches(Imports()));

    [Fact]
    public void Imports_inside_a_slice_run_as_its_table_says() => NoneOf(Inside().SelectMany(slice => slice.Breaches(Imports())));

    [Fact]
    public void What_a_slice_no_longer_imports_is_no_longer_allowed() => NoneOf(Inside().SelectMany(slice => slice.Unused(Imports())));

    [Fact]
    public void Folders_of_a_slice_form_no_circle() => Assert.Equal(WithCircles, Inside().Where(slice => slice.HasCircle).Select(slice => slice.Root));

    [Fact]
    public void Every_folder_has_its_row()
    {
        Assert.Equal(MayUse.Keys.Where(name => name.Length > 0).Order(), FoldersOf("sidecar").Where(name => !name.Contains('.')));
        var inside = MayUseInside.SelectMany(slice => slice.Value.Keys.Where(name => name.Length > 0).Select(name => $"{slice.Key}.{name}"));
        Assert.Equal(inside.Order(), FoldersOf("sidecar").Where(name => name.Contains('.')));
    }

    [Fact]
    public void Slices_below_the_proxy_know_nothing_of_proxying() => NoneOf(OfTheServer(CompiledImports.Sidecar, $"{Root}.Tokens", $"{Root}.Upstream"));

    [Fact]
    public void No_type_hides_behind_an_empty_word() =>
        Assert.DoesNotContain(typeof(TokenBroker.Hosting.BrokerHost).Assembly.GetTypes(),
            type => Regex.IsMatch(type.Name, "(Manager|Helper|Helpers|Utils|Service)$"));

    [Fact]
    public void The_program_is_a_contents_page() =>
        Assert.True(File.ReadLines(Repository.Path("sidecar", "Program.cs")).Count() <= 60);

    internal static IEnumerable<string> OfTheServer(IEnumerable<Import> imports, params string[] namespaces) =>
        imports.Where(import => namespaces.Any(name => IsBelow(import.Namespace, name))
            && (IsBelow(import.OtherNamespace, "Microsoft.AspNetCore") || IsBelow(import.OtherNamespace, "Yarp"))).Select(import => import.ToString());

    private static bool IsBelow(string name, string root) => (name + ".").StartsWith(root + ".", StringComparison.Ordinal);

    private static IEnumerable<Boundary> Inside() => MayUseInside.Select(slice => new Boundary($"{Root}.{slice.Key}", slice.Value));

    private static IEnumerable<string> FoldersOf(string project) =>
        SourceFile.Of(project).Select(file => file.Folder.Replace('/', '.')).Where(name => name.Length > 0).Distinct().Order();
}
