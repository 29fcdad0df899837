#pragma warning disable IDE0051, IDE0052, CA1822, CA1812 // The members exist for their references only.
namespace TokenBroker.Tests.Architecture.Sample.Lower;

// Each type refers to the upper sample in one way, by a namespace relative to its own.
internal sealed class AsField
{
    private static readonly Upper.Thing[] Things = [];
}

internal sealed class AsProperty
{
    public Upper.Thing? Thing { get; init; }
}

internal sealed class AsParameter
{
    public void Take(Upper.Thing thing) => GC.KeepAlive(thing);
}

internal sealed class AsTypeArgument
{
    public object Make() => new List<Upper.Thing[]>();
}

internal sealed class AsBase : Upper.Open;

internal sealed class AsTypeOf
{
    public Type Ask() => typeof(Upper.Thing);
}

internal sealed class AsPattern
{
    public bool Ask(object value) => value is Upper.Thing;
}

internal sealed class InBody
{
    public object Make() => new Upper.Thing();
}

internal sealed class InStaticCall
{
    public int Ask() => Upper.Calls.Answer();
}

internal sealed class InLambda
{
    public Func<int> Make(int more) => () => Upper.Calls.Answer() + more;
}

internal sealed class InAsync
{
    public async Task<int> AskAsync()
    {
        await Task.Yield();
        return Upper.Calls.Answer();
    }
}

internal sealed class InIterator
{
    public IEnumerable<int> Ask()
    {
        yield return Upper.Calls.Answer();
    }
}

internal sealed class InNested
{
    private sealed class Inner
    {
        public int Ask() => Upper.Calls.Answer();
    }
}

[Upper.Mark]
internal sealed class InAttribute;

internal sealed class InInitializer
{
    private static readonly int Value = Upper.Calls.Answer();
}

internal sealed class AsEnum
{
    public bool Ask(Upper.Word word) => word == Upper.Word.Second;
}

internal sealed class AsEventHandler
{
    public void Listen(AppDomain domain) => domain.ProcessExit += Upper.Calls.Heard;
}

internal sealed class OfTheServer
{
    public string? Ask(object value) => (value as Microsoft.AspNetCore.Http.HttpContext)?.TraceIdentifier;
}
