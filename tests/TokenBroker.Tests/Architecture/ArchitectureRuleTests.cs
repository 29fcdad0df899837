using Xunit;

namespace TokenBroker.Tests.Architecture;

/// <summary>Each rule of this folder finds the breach that it exists for.</summary>
public class ArchitectureRuleTests
{
    private const string Root = "TokenBroker.Tests.Architecture.Sample";

    private static readonly Lazy<IReadOnlyList<Import>> Sample = new(() => CompiledImports.Read(typeof(ArchitectureRuleTests).Assembly, Root));

    [Theory]
    [InlineData("AsField")]
    [InlineData("AsProperty")]
    [InlineData("AsParameter")]
    [InlineData("AsTypeArgument")]
    [InlineData("AsBase")]
    [InlineData("AsTypeOf")]
    [InlineData("AsPattern")]
    [InlineData("AsEnum")]
    [InlineData("AsEventHandler")]
    [InlineData("InBody")]
    [InlineData("InStaticCall")]
    [InlineData("InLambda")]
    [InlineData("InAsync")]
    [InlineData("InIterator")]
    [InlineData("InNested")]
    [InlineData("InAttribute")]
    [InlineData("InInitializer")]
    public void Import_by_a_relative_namespace_is_found(string type) =>
        Assert.Contains(new Boundary(Root, new() { ["Lower"] = [], ["Upper"] = ["Lower"] }).Breaches(Sample.Value), breach => breach.StartsWith($"{Root}.Lower.{type} uses {Root}.Upper.", StringComparison.Ordinal));

    [Fact]
    public void Import_that_the_table_allows_is_no_breach() =>
        Assert.Empty(new Boundary(Root, new() { ["Lower"] = ["Upper"], ["Upper"] = [] }).Breaches(Sample.Value));

    [Fact]
    public void Import_of_the_server_is_found() =>
        Assert.Equal([$"{Root}.Lower.OfTheServer uses Microsoft.AspNetCore.Http.HttpContext"], BoundaryTests.OfTheServer(Sample.Value, $"{Root}.Lower"));

    [Fact]
    public void Using_directive_is_an_import_too()
    {
        var file = new SourceFile("Policy/Check.cs", "using System;\nusing static A.Telemetry.Names;\nusing Batch = TokenBroker.Proxy.Rewriting.Batch;\n\nnamespace TokenBroker.Proxy.Policy;\n");
        Assert.Equal(["TokenBroker.Proxy.Policy.Check uses TokenBroker.Proxy.Rewriting.Batch"], Rooms().Breaches(file.Imports()));
    }

    [Theory]
    [InlineData("Policy", "Check", "", "Refusal", false)]
    [InlineData("Policy", "Check", "", "Endpoint", true)]
    [InlineData("Telemetry", "Log", "", "Endpoint", false)]
    [InlineData("Policy", "Check", "Rewriting", "Rewriter", true)]
    [InlineData("Policy", "Check", "Policy", "Row", false)]
    [InlineData("Rewriting", "Rewriter", "Rewriting.Batch", "Reader", false)]
    [InlineData("Rewriting.Batch", "Reader", "Rewriting", "Rewriter", true)]
    [InlineData("New", "Thing", "Policy", "Row", true)]
    [InlineData("Policy", "Check", "New", "Thing", true)]
    public void Room_uses_only_what_its_row_names(string from, string type, string to, string other, bool breach) =>
        Assert.Equal(breach, Rooms().Breaches([new Import(In(from), type, In(to), other)]).Count == 1);

    [Fact]
    public void Allowance_that_nothing_needs_is_found() =>
        Assert.Equal(["TokenBroker.Proxy: Telemetry → ", "TokenBroker.Proxy: Rewriting → Rewriting.Batch"], Rooms().Unused([new Import(In("Policy"), "Check", In(""), "Refusal")]));

    [Theory]
    [InlineData("", "", "A", false)]
    [InlineData("A B", "", "A", false)]
    [InlineData("A", "Type", "", true)]
    [InlineData("", "B", "A", true)]
    public void Circle_of_folders_is_found(string own, string ofA, string ofB, bool circle)
    {
        static string[] Row(string names) => names.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(circle, new Boundary("TokenBroker.Proxy", new() { [""] = Row(own), ["A"] = Row(ofA), ["B"] = Row(ofB) }).HasCircle);
    }

    [Theory]
    [InlineData("Policy/Check.cs", "namespace TokenBroker.Policy;", true)]
    [InlineData("Policy/Check.cs", "namespace TokenBroker;", false)]
    [InlineData("Check.cs", "namespace TokenBroker.Policy;", false)]
    [InlineData("Policy/Check.cs", "class Check;", false)]
    [InlineData("Program.cs", "return 0;", true)]
    public void Namespace_that_is_not_the_folder_is_found(string path, string text, bool right) =>
        Assert.Equal(right, new SourceFile(path, text).WrongNamespace("TokenBroker") is null);

    [Theory]
    [InlineData("internal sealed class Check\n{\n    private enum Inner { A }\n}\n", "")]
    [InlineData("internal static partial class Check;\npublic readonly record struct Row(int Value);\n", "Row")]
    [InlineData("internal enum Word { A }\ninternal interface IRow;\nclass Check;\n", "Word IRow")]
    [InlineData("internal delegate Task<int> Asked(int value);\n[Flags] internal enum Word { A }\n", "Asked Word")]
    [InlineData("internal partial record Other\n{\n}\n", "Other")]
    public void Type_in_the_file_of_another_is_found(string text, string strangers) =>
        Assert.Equal(strangers.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(name => $"Policy/Check.cs: {name}"), new SourceFile("Policy/Check.cs", text).Strangers());

    [Fact]
    public void Crowded_folder_is_found()
    {
        SourceFile[] files = [new("A/1.cs", ""), new("A/2.cs", ""), new("A/B/3.cs", ""), new("4.cs", "")];
        Assert.Equal(["A: 2 files"], SourceFile.Crowded(files, 1));
        Assert.Empty(SourceFile.Crowded(files, 2));
    }

    private static Boundary Rooms() => new("TokenBroker.Proxy", new() { ["Policy"] = ["Refusal"], ["Telemetry"] = [""], ["Rewriting"] = ["Rewriting.Batch"], ["Rewriting.Batch"] = [] });

    private static string In(string folder) => $"TokenBroker.Proxy.{folder}".TrimEnd('.');
}
