using CsCheck;
using TokenBroker.Configuration;

namespace TokenBroker.Tests.Fuzzing;

/// <summary>Policies as one line: containers, a colon, operations. None of either means all; an empty line is no policy.</summary>
internal static class PolicyTexts
{
    private static readonly string[] Containers = ["", "", "", "c", "c", "logs-*", "c,logs-*", "$root", "$web", "l*", "$*", "acct", "emul,c"];

    private static readonly string[] Operations =
        ["", "", "", "", "read,list", "read", "list", "write", "create", "tag", "delete", "admin", "read,tag", "create,read", "write,delete", "read,write", "admin,tag,list"];

    public static Gen<string> Any { get; } = Gen.Frequency(
        (2, Gen.Const("")),
        (1, Gen.Const(":delegate,read")),
        (10, Gen.Select(Gen.OneOf(Containers), Gen.OneOf(Operations), (containers, operations) => $"{containers}:{operations}")));

    public static PolicyOptions? Read(string text)
    {
        if (text.Split(':') is not [var containers, var operations] || text == ":")
            return null;
        var named = operations.Split(',', StringSplitOptions.RemoveEmptyEntries)
            .Aggregate(BlobOperations.None, (all, word) => all | Enum.Parse<BlobOperations>(word, ignoreCase: true));
        if (named.HasFlag(BlobOperations.Write))
            named |= BlobOperations.Create; // as the settings read it
        return new()
        {
            Containers = containers.Length == 0 ? null : containers.Split(','),
            Operations = named == BlobOperations.None ? PolicyOptions.Usual : named,
        };
    }
}
