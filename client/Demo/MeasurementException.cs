using Azure;

namespace TokenBroker.Client.Demo;

/// <summary>A failed request, as text for a table row.</summary>
internal sealed class MeasurementException(Operation operation, Leg leg, Exception cause)
    : Exception($"{leg.Name}: {Describe(cause)}", cause)
{
    public Operation Operation => operation;

    private static string Describe(Exception cause)
    {
        var sentence = cause.Message.Split('\n')[0].Trim();
        return cause is RequestFailedException { Status: > 0 } answer ? $"{answer.Status} {answer.ErrorCode}: {sentence}" : sentence;
    }
}
