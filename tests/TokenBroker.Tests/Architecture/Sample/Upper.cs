namespace TokenBroker.Tests.Architecture.Sample.Upper;

internal sealed class Thing;

internal class Open;

internal enum Word
{
    First,
    Second,
}

[AttributeUsage(AttributeTargets.Class)]
internal sealed class MarkAttribute : Attribute;

internal static class Calls
{
    public static int Answer() => 42;

    public static void Heard(object? sender, EventArgs happened)
    {
    }
}
