using Google.Protobuf;

namespace TokenBroker.EndToEnd.Telemetry;

/// <summary>
/// A span as OpenTelemetry's protocol carries it, read by the field numbers of its published trace.proto.
/// </summary>
/// <param name="TraceId">32 hexadecimal digits.</param>
/// <param name="SpanId">16 hexadecimal digits.</param>
/// <param name="ParentSpanId">The same; empty for the first of a trace.</param>
/// <param name="Name">Its name.</param>
/// <param name="Kind">2 server, 3 client.</param>
/// <param name="Attributes">Texts as they are, numbers as text, of a list the first.</param>
/// <param name="Links">The spans that it points at.</param>
internal sealed record ReceivedSpan(
    string TraceId, string SpanId, string ParentSpanId, string Name, int Kind, IReadOnlyDictionary<string, string> Attributes, IReadOnlyList<string> Links)
{
    /// <summary>All spans of requests to a collector, one behind the other: the format adds lists up.</summary>
    public static IReadOnlyList<ReceivedSpan> ReadAll(byte[] requests) =>
        [.. from resource in Fields(ByteString.CopyFrom(requests)).Messages(1)
            from scope in Fields(resource).Messages(2)
            from span in Fields(scope).Messages(2)
            select Read(Fields(span))];

    private static ReceivedSpan Read(List<(int Number, object Value)> span) => new(
        Hex(span, 1), Hex(span, 2), Hex(span, 4), span.Messages(5).Single().ToStringUtf8(), (int)(ulong)span.Single(field => field.Number == 6).Value,
        span.Messages(9).Select(Fields).ToDictionary(pair => pair.Messages(1).Single().ToStringUtf8(), pair => Value(Fields(pair.Messages(2).Single()))),
        [.. span.Messages(13).Select(link => Hex(Fields(link), 2))]);

    /// <summary>An AnyValue: 1 a text, 3 a number, 5 a list of values.</summary>
    private static string Value(List<(int Number, object Value)> value) => value.Single() switch
    {
        (1, ByteString text) => text.ToStringUtf8(),
        (5, ByteString list) => Value(Fields(Fields(list).Messages(1).First())),
        var (_, other) => $"{other}",
    };

    private static string Hex(List<(int Number, object Value)> message, int number) =>
        message.Messages(number).SingleOrDefault() is { } bytes ? Convert.ToHexStringLower(bytes.Span) : "";

    private static List<(int Number, object Value)> Fields(ByteString message)
    {
        var (fields, input) = (new List<(int, object)>(), message.CreateCodedInput());
        while (input.ReadTag() is var tag and > 0)
        {
            fields.Add((WireFormat.GetTagFieldNumber(tag), WireFormat.GetTagWireType(tag) switch
            {
                WireFormat.WireType.Varint => input.ReadUInt64(),
                WireFormat.WireType.Fixed64 => input.ReadFixed64(),
                WireFormat.WireType.Fixed32 => input.ReadFixed32(),
                _ => input.ReadBytes(),
            }));
        }

        return fields;
    }
}

/// <summary>Picks the messages, texts and bytes with one number.</summary>
internal static class ProtobufFields
{
    public static IEnumerable<ByteString> Messages(this List<(int Number, object Value)> fields, int number) =>
        fields.Where(field => field.Number == number).Select(field => (ByteString)field.Value);
}
