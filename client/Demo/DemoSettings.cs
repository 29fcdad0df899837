namespace TokenBroker.Client.Demo;

/// <summary>The checked settings from the command line of `demo`.</summary>
internal sealed record DemoSettings(IReadOnlyList<long> Sizes, int? Samples, string? JsonFile, bool Keep, int Port)
{
    // A default run moves a similar number of bytes for every size, so that it ends in half a minute.
    private const long BytesPerSize = 96L << 20;
    private const int MinSamples = 6;
    private const int MaxSamples = 30;

    public int SamplesOf(long size) => Samples ?? (int)Math.Clamp(BytesPerSize / size, MinSamples, MaxSamples);
}
