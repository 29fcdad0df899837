namespace TokenBroker.Tests.Architecture;

/// <summary>
/// The folders below a namespace, each with the folders it may use. The empty name is the namespace's own files; a folder
/// that may use only some of their types names these one by one.
/// </summary>
internal sealed class Boundary(string root, Dictionary<string, string[]> mayUse)
{
    public string Root => root;

    /// <summary>True if folders use each other, directly or through others.</summary>
    public bool HasCircle
    {
        get
        {
            var left = mayUse.ToDictionary(row => row.Key, row => row.Value.Select(to => mayUse.ContainsKey(to) ? to : "").ToList());
            while (left.FirstOrDefault(row => !row.Value.Any(left.ContainsKey)) is { Value: not null } free)
                left.Remove(free.Key);
            return left.Count > 0;
        }
    }

    public IReadOnlyList<string> Breaches(IEnumerable<Import> imports) =>
        [.. imports.Where(import => Edge(import) is { } edge && !mayUse.GetValueOrDefault(edge.From, []).Intersect(edge.To).Any())
            .Select(import => import.ToString()).Distinct().Order()];

    /// <summary>What the table allows although nothing needs it.</summary>
    public IReadOnlyList<string> Unused(IEnumerable<Import> imports)
    {
        var used = imports.Select(Edge).OfType<(string From, string[] To)>().SelectMany(edge => edge.To, (edge, to) => (edge.From, To: to)).ToHashSet();
        return [.. mayUse.SelectMany(row => row.Value, (row, to) => (From: row.Key, To: to))
            .Where(edge => !used.Contains(edge)).Select(edge => $"{root}: {edge.From} → {edge.To}")];
    }

    /// <summary>Where an import comes from, and the names under which it may be allowed.</summary>
    private (string From, string[] To)? Edge(Import import)
    {
        if (FolderOf(import.Namespace) is not { } from || FolderOf(import.OtherNamespace) is not { } to || from == to)
            return null;
        if (to.Length > 0)
            return (from, [to]);
        return import.OtherType.Length == 0 ? null : (from, ["", import.OtherType]);
    }

    /// <summary>The longest name in the table that the namespace lies in, or else its first folder.</summary>
    private string? FolderOf(string name)
    {
        if (name == root)
            return "";
        if (!name.StartsWith(root + ".", StringComparison.Ordinal))
            return null;
        var below = name[(root.Length + 1)..];
        return mayUse.Keys.Where(key => key.Length > 0 && (below + ".").StartsWith(key + ".", StringComparison.Ordinal)).MaxBy(key => key.Length)
            ?? below.Split('.')[0];
    }
}
