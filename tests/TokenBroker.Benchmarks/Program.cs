using BenchmarkDotNet.Running;
using TokenBroker.Benchmarks;

BenchmarkSwitcher.FromAssembly(typeof(TokenReads).Assembly).Run(args);
