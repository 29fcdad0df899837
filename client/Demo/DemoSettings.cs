namespace TokenBroker.Client.Demo;

/// <summary>What the command line of `demo` asks for, checked.</summary>
internal sealed record DemoSettings(IReadOnlyList<long> Sizes, int? Samples, string? JsonFile, bool Keep, int Port)
{
    // A default run moves the same order of bytes for every size, so that it ends in half a minute.
    private const long BytesPerSize = 96L << 20;
    private const int FewestSamples = 6;
    private const int MostSamples = 30;

    public int SamplesOf(long size) => Samples ?? (int)Math.Clamp(BytesPerSize / size, FewestSamples, MostSamples);
}
