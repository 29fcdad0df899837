using TokenBroker.Imds.Identities;

namespace TokenBroker.Imds.CommandLine;

/// <summary>
/// <c>system[:key=value,…]</c> or <c>user:NAME[,key=value,…]</c>, keys <c>client-id</c>, <c>object-id</c>, <c>resource-id</c> and,
/// for the system-assigned one, <c>name</c>.
/// </summary>
internal static class IdentityText
{
    private const string Cure = "write system, or user:NAME, with ids after it: user:backup,client-id=GUID,object-id=GUID,resource-id=/subscriptions/…";

    internal static EmulatedIdentity? Read(SettingsReader reader, string setting, string text)
    {
        var parts = text.Split([':'], 2);
        var fields = parts.Length == 2 ? parts[1].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) : [];
        var isUser = parts[0] == "user";
        if (parts[0] is not ("system" or "user") || (isUser && (fields is [] || fields[0].Contains('='))))
            return reader.Fail<EmulatedIdentity?>(setting, text, Cure, null);

        var values = new Dictionary<string, string>();
        foreach (var field in fields.Skip(isUser ? 1 : 0))
        {
            var pair = field.Split('=', 2);
            if (pair.Length != 2 || !Allowed(isUser, pair[0]) || !values.TryAdd(pair[0], pair[1]))
                return reader.Fail<EmulatedIdentity?>(setting, text, Cure, null);
        }
        return Make(reader, setting, isUser ? fields[0] : null, values);
    }

    /// <param name="reader">Where faults go.</param>
    /// <param name="setting">Named in faults.</param>
    /// <param name="userName">Null for the system-assigned identity.</param>
    /// <param name="values">The keys that were given.</param>
    private static EmulatedIdentity Make(SettingsReader reader, string setting, string? userName, Dictionary<string, string> values)
    {
        var clientId = Id(reader, setting, values, "client-id");
        var objectId = Id(reader, setting, values, "object-id");
        return userName is null
            ? EmulatedIdentity.System(values.GetValueOrDefault("name", "system"), clientId, objectId)
            : EmulatedIdentity.User(userName, clientId, objectId, values.GetValueOrDefault("resource-id"));
    }

    private static bool Allowed(bool isUser, string key) =>
        key is "client-id" or "object-id" || key == (isUser ? "resource-id" : "name");

    private static Guid? Id(SettingsReader reader, string setting, Dictionary<string, string> values, string key) =>
        values.TryGetValue(key, out var text) ? reader.Id($"{setting} {key}", text, Guid.Empty) : null;
}
