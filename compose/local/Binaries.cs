namespace TokenBroker.LocalEnvironment;
internal static class Binaries { }
