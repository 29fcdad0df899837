namespace TokenBroker.Tests;
public class PlaceholderTests { [Xunit.Fact] public void One() => Xunit.Assert.True(true); }
