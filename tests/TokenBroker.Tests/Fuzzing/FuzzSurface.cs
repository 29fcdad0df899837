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
    /// <returns>True if the case got past parsing, to what judges it.</returns>
    /// <exception cref="FuzzViolation">Something came through that must not.</exception>
    public abstract bool Execute(T one);
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
