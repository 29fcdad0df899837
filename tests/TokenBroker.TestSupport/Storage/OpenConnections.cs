namespace TokenBroker.TestSupport.Storage;

/// <summary>Counts connections while they are open.</summary>
internal sealed class OpenConnections
{
    private int _count;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Counts one until it is disposed of.</summary>
    public IDisposable Add() => new Entry(this);

    private sealed class Entry : IDisposable
    {
        private readonly OpenConnections _owner;

        public Entry(OpenConnections owner)
        {
            _owner = owner;
            Interlocked.Increment(ref owner._count);
        }

        public void Dispose() => Interlocked.Decrement(ref _owner._count);
    }
}
