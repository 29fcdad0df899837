using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using Assembly = System.Reflection.Assembly;

namespace TokenBroker.Tests.Architecture;

/// <summary>
/// What the compiled types refer to, in signatures, bodies, lambdas and attributes, however the source spells it. It does
/// not show constants, because the compiler copies their values.
/// </summary>
internal static class CompiledImports
{
    private static readonly Lazy<IReadOnlyList<Import>> OfSidecar = new(() => Read(typeof(TokenBroker.Hosting.BrokerHost).Assembly));

    public static IReadOnlyList<Import> Sidecar => OfSidecar.Value;

    public static IReadOnlyList<Import> Read(Assembly assembly) => Read(new ArchLoader().LoadAssembly(assembly));

    /// <summary>The loader knows nested types by an empty namespace.</summary>
    public static IReadOnlyList<Import> Read(Assembly assembly, string root) => Read(new ArchLoader().LoadNamespacesWithinAssembly(assembly, root, ""));

    private static List<Import> Read(ArchLoader loader) =>
        [.. loader.Build().Types.SelectMany(
            type => type.Dependencies.Select(dependency => dependency.Target).Where(target => target is not GenericParameter),
            (type, target) => new Import(type.Namespace.FullName, OutermostName(type), target.Namespace.FullName, OutermostName(target))).Distinct()];

    private static string OutermostName(IType type)
    {
        var name = type.FullName.Split('+')[0];
        return name[(name.LastIndexOf('.') + 1)..];
    }
}
