using CsCheck;

namespace TokenBroker.Tests.Fuzzing;

/// <summary>One of the surfaces on which strangers' bytes come in: what to send there, and what must hold whatever comes.</summary>
/// <typeparam name="T">A case: whatever JSON can keep.</typeparam>
/// <param name="name">The surface's name in <c>kept.txt</c>.</param>
/// <param name="weight">Its part of all executions, in tenths.</param>
/// <param name="cases">What to send.</param>
internal abstract class FuzzSurface<T>(string name, int weight, Gen<T> cases) where T : class
{
    public string Name => name;

    public int Weight => weight;

    public Gen<T> Cases => cases;

    /// <summary>Runs the product on one case, in this thread.</summary>
    /// <exception cref="FuzzViolation">Something came through that must not.</exception>
    public abstract FuzzVerdict Execute(T one);
}

/// <summary>How far a case came.</summary>
internal enum FuzzVerdict
{
    /// <summary>It could not be read.</summary>
    Unread,

    /// <summary>It got past parsing, and was refused by what judges it.</summary>
    Refused,

    /// <summary>It came through, and what came through was looked at.</summary>
    Accepted,
}

/// <summary>What must not happen has happened.</summary>
internal sealed class FuzzViolation(string sentence) : Exception(sentence)
{
    public static void If(bool condition, string sentence)
    {
        if (condition)
            throw new FuzzViolation(sentence);
    }
}
