using System.Security.Cryptography;
using Azure;
using Azure.Storage.Blobs.Models;

namespace TokenBroker.Client.Demo;

/// <summary>
/// The comparison at one size. What one way uploads, the other way reads and later deletes, so every sample also tests
/// correctness. The order of the two ways alternates, so that neither always finds the caches warm. The first round is not
/// counted. The first failure ends the size, because later samples would only repeat it.
/// </summary>
internal sealed class SizeComparison
{
    private readonly Leg _direct;
    private readonly Leg _proxied;
    private readonly int _size;
    private readonly int _samples;
    private readonly byte[] _buffer;
    private readonly Dictionary<Operation, ComparisonRow> _rows;

    public SizeComparison(Leg direct, Leg proxied, long size, int samples)
    {
        _direct = direct;
        _proxied = proxied;
        _size = checked((int)size);
        _samples = samples;
        _buffer = new byte[_size + 1];
        _rows = Enum.GetValues<Operation>().ToDictionary(operation => operation, operation => new ComparisonRow(operation, size));
    }

    public IReadOnlyCollection<ComparisonRow> Rows => _rows.Values;

    public async Task RunAsync(Action<string> onRound, CancellationToken cancellationToken)
    {
        try
        {
            for (var round = 0; round <= _samples; round++)
            {
                onRound($"{ByteSize.Format(_size)}: upload, download and ranged read, sample {round} of {_samples}");
                await WriteAndReadAsync(round, cancellationToken).ConfigureAwait(false);
            }

            onRound($"{ByteSize.Format(_size)}: list and delete");
            for (var round = 0; round <= _samples; round++)
                await ListAsync(round, cancellationToken).ConfigureAwait(false);
            for (var round = 0; round <= _samples; round++)
                await DeleteAsync(round, cancellationToken).ConfigureAwait(false);
        }
        catch (MeasurementException exception)
        {
            _rows[exception.Operation].Fail(exception.Message);
            foreach (var row in Rows.Where(row => row.Operation > exception.Operation))
                row.Fail($"not finished, because {exception.Operation.Name()} failed");
        }
    }

    private async Task WriteAndReadAsync(int round, CancellationToken cancellationToken)
    {
        var payloads = new Dictionary<Leg, byte[]>();
        foreach (var leg in OrderOf(round))
        {
            var payload = payloads[leg] = RandomNumberGenerator.GetBytes(_size);
            await MeasureAsync(Operation.Upload, leg, round, () =>
                leg.Container.GetBlobClient(NameOf(leg, round)).UploadAsync(new BinaryData(payload), overwrite: false, cancellationToken), cancellationToken).ConfigureAwait(false);
        }

        foreach (var leg in OrderOf(round))
        {
            var writer = OtherThan(leg);
            var read = await ReadAsync(Operation.Download, leg, NameOf(writer, round), round, range: default, cancellationToken).ConfigureAwait(false);
            var same = Same(_buffer.AsSpan(0, read), payloads[writer]);
            _rows[Operation.Upload].Require(same, $"the blob that the {writer.Name} client uploaded differs from the blob that the {leg.Name} client read");
            _rows[Operation.Download].Require(same, $"the blob that the {leg.Name} client read differs from the blob that the {writer.Name} client uploaded");
        }

        var range = RangeOf(_size);
        foreach (var leg in OrderOf(round))
        {
            var writer = OtherThan(leg);
            var read = await ReadAsync(Operation.RangedRead, leg, NameOf(writer, round), round, range, cancellationToken).ConfigureAwait(false);
            var expected = payloads[writer].AsSpan((int)range.Offset, (int)range.Length!.Value);
            _rows[Operation.RangedRead].Require(Same(_buffer.AsSpan(0, read), expected), $"the range that the {leg.Name} client read differs from the blob that the {writer.Name} client uploaded");
        }
    }

    private async Task ListAsync(int round, CancellationToken cancellationToken)
    {
        var seen = new Dictionary<Leg, List<(string, long?, ETag?)>>();
        foreach (var leg in OrderOf(round))
        {
            List<(string, long?, ETag?)> blobs = seen[leg] = [];
            await MeasureAsync(Operation.List, leg, round, async () =>
            {
                var options = new GetBlobsOptions { Prefix = $"{_size}/" };
                await foreach (var blob in leg.Container.GetBlobsAsync(options, cancellationToken).ConfigureAwait(false))
                    blobs.Add((blob.Name, blob.Properties.ContentLength, blob.Properties.ETag));
            }, cancellationToken).ConfigureAwait(false);
        }

        var row = _rows[Operation.List];
        row.Require(seen[_direct].SequenceEqual(seen[_proxied]), "the two ways list different names, sizes or ETags");
        row.Require(seen[_direct].Count == 2 * (_samples + 1) && seen[_direct].TrueForAll(blob => blob.Item2 == _size), "the list differs from the uploaded blobs");
    }

    private async Task DeleteAsync(int round, CancellationToken cancellationToken)
    {
        foreach (var leg in OrderOf(round))
        {
            var writer = OtherThan(leg);
            var name = NameOf(writer, round);
            await MeasureAsync(Operation.Delete, leg, round, () => leg.Container.GetBlobClient(name).DeleteAsync(cancellationToken: cancellationToken), cancellationToken).ConfigureAwait(false);
            bool exists = await GuardAsync(Operation.Delete, writer, () => writer.Container.GetBlobClient(name).ExistsAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
            _rows[Operation.Delete].Require(!exists, $"the blob that the {leg.Name} client deleted still exists for the {writer.Name} client");
        }
    }

    // Reads into the buffer, which has one spare byte to detect an answer that is too long.
    private async Task<int> ReadAsync(Operation operation, Leg leg, string name, int round, HttpRange range, CancellationToken cancellationToken)
    {
        var read = 0;
        await MeasureAsync(operation, leg, round, async () =>
        {
            var options = new BlobDownloadOptions { Range = range };
            using BlobDownloadStreamingResult answer = await leg.Container.GetBlobClient(name).DownloadStreamingAsync(options, cancellationToken).ConfigureAwait(false);
            read = await answer.Content.ReadAtLeastAsync(_buffer, _buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        }, cancellationToken).ConfigureAwait(false);
        return read;
    }

    private async Task MeasureAsync(Operation operation, Leg leg, int round, Func<Task> action, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        await GuardAsync(operation, leg, async () =>
        {
            await action().ConfigureAwait(false);
            return true;
        }, cancellationToken).ConfigureAwait(false);
        var elapsed = TimeProvider.System.GetElapsedTime(started);
        if (round > 0)
            _rows[operation].AddSample(leg == _direct, elapsed);
    }

    private static async Task<T> GuardAsync<T>(Operation operation, Leg leg, Func<Task<T>> action, CancellationToken cancellationToken)
    {
        try
        {
            return await action().ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new MeasurementException(operation, leg, exception);
        }
    }

    private Leg[] OrderOf(int round) => round % 2 == 0 ? [_direct, _proxied] : [_proxied, _direct];

    private Leg OtherThan(Leg leg) => leg == _direct ? _proxied : _direct;

    private string NameOf(Leg writer, int round) => $"{_size}/{round}-{writer.Name}";

    // The middle half of the blob, without its start and its end.
    private static HttpRange RangeOf(int size) => new(size / 4, Math.Max(1, size / 2));

    private static bool Same(ReadOnlySpan<byte> read, ReadOnlySpan<byte> written) =>
        SHA256.HashData(read).AsSpan().SequenceEqual(SHA256.HashData(written));
}
