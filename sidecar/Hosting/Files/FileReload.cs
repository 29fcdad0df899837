namespace TokenBroker.Hosting.Files;

/// <summary>Reads the files again.</summary>
/// <param name="problem">Why the files cannot be used.</param>
internal delegate bool FileReload(out string problem);
