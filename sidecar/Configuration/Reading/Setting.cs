namespace TokenBroker.Configuration.Reading;

/// <summary>A value as one of the sources gave it.</summary>
/// <param name="Key">Path of parts joined by ':'.</param>
/// <param name="Origin">Where the user wrote it, for messages.</param>
internal sealed record Setting(string Key, string Value, string Origin);
