namespace TokenBroker.Tests.Tokens.Simulation;

/// <summary>How the endpoint writes a token's life.</summary>
internal enum ExpiryForm
{
    /// <summary>As the metadata endpoint: both members, all values strings.</summary>
    Both,

    /// <summary>Both, but <c>expires_in</c> counts from the issue, whatever has passed of it since.</summary>
    BothFromIssue,

    /// <summary>As App Service: the moment alone.</summary>
    MomentOnly,

    /// <summary>The moment alone, in ISO 8601.</summary>
    Iso,

    /// <summary>The seconds alone, as a number.</summary>
    SecondsOnly,
}

/// <summary>What kind of world a seed stands for.</summary>
/// <param name="Life">The life of a newly issued token.</param>
/// <param name="Span">How much time the run covers.</param>
/// <param name="ReuseUntil">The endpoint gives the same token again while more than this share of its life is left.</param>
/// <param name="Form">How its answers look.</param>
internal sealed record Variant(TimeSpan Life, TimeSpan Span, double ReuseUntil, ExpiryForm Form)
{
    /// <summary>Three of five seeds run for 30 days with tokens that live for 24 hours, the others for as many lives of shorter ones.</summary>
    public static Variant Of(int seed)
    {
        var life = (seed % 5) switch
        {
            3 => TimeSpan.FromHours(1),
            4 => TimeSpan.FromSeconds(seed % 2 == 0 ? 20 : 600),
            _ => TimeSpan.FromDays(1),
        };
        double[] shares = [0.5, 0.1, 0, 1];
        return new(life, life * 30, shares[seed / 5 % shares.Length], (ExpiryForm)(seed / 3 % 5));
    }
}
