using System.Text.Json;

namespace McpActors.Configuration.Imports;

/// <summary>
/// The keys of one entry by their meaning: each client has words of its own for them, and some put them into a block
/// (<c>command { path, args, env }</c>, <c>transport { type, url }</c>, <c>requestInit { headers }</c>). Where several keys mean the same,
/// the first of the table wins. Empty texts and nulls count as absent.
/// </summary>
internal sealed class EntryKeys
{
    public static readonly string[] Command = ["command", "cmd", "executable"];
    public static readonly string[] Args = ["args", "arguments"];
    public static readonly string[] Env = ["env", "environment", "envs"];
    public static readonly string[] EnvFile = ["envfile"];
    public static readonly string[] EnvNames = ["envvars", "envkeys"];
    public static readonly string[] Directory = ["cwd", "workingdirectory", "workingdir", "workdir"];
    public static readonly string[] Url = ["url", "serverurl", "httpurl", "uri", "endpoint", "baseurl", "sseurl", "wsurl"];
    public static readonly string[] Headers = ["headers", "httpheaders"];
    public static readonly string[] HeaderVariables = ["envhttpheaders", "envheaders"];
    public static readonly string[] TokenVariable = ["bearertokenenvvar"];
    public static readonly string[] Type = ["type", "transport", "transporttype"];
    public static readonly string[] Proxy = ["proxy"];
    public static readonly string[] Timeout =
        ["timeout", "requesttimeout", "timeoutms", "requesttimeoutms", "tooltimeout", "tooltimeoutsec", "calltimeout"];
    public static readonly string[] StartTimeout =
        ["startuptimeoutsec", "startuptimeoutms", "startuptimeout", "inittimeout", "connecttimeout", "connectiontimeout"];

    private static readonly string[] RequestBlocks = ["requestinit", "requestoptions"];

    /// <summary>Keys that concern the client's own window, model or confirmations only.</summary>
    private static readonly HashSet<string> OfClientsOnly =
    [
        "alwaysallow", "autoapprove", "trust", "istrusted", "alwaysload", "watchpaths", "watch", "dev", "name", "id", "title",
        "displayname",
        "description", "icon", "iconpath", "logourl", "provider", "providerurl", "author", "homepage", "repository", "tags", "version",
        "gallery", "registryurl", "installsource", "longrunning", "chatmenu", "serverinstructions", "instructions", "source", "settings",
        "extensionname", "defaulttoolsapprovalmode", "priority", "createdat", "updatedat", "note", "notes", "comment", "disabledreason",
        "requiresoauth", "type", "transport", "transporttype", "required", "smitheryapikey", "bundled",
    ];

    /// <summary>Keys that change what the server does or may do, and have no effect here, with what to do in place of them.</summary>
    private static readonly Dictionary<string, string> Unsupported = new()
    {
        ["includetools"] = Tools,
        ["excludetools"] = Tools,
        ["enabledtools"] = Tools,
        ["disabledtools"] = Tools,
        ["allowedtools"] = Tools,
        ["blockedtools"] = Tools,
        ["tools"] = Tools,
        ["toolfilter"] = Tools,
        ["availabletools"] = Tools,
        ["suppressedtools"] = Tools,
        ["sandbox"] = Sandbox,
        ["sandboxenabled"] = Sandbox,
        ["oauth"] = Login,
        ["auth"] = Login,
        ["authprovidertype"] = Login,
        ["headershelper"] = Login,
        ["httpheadershelper"] = Login,
        ["customuservars"] = "has no effect here: the pool asks nobody for values; write them, or ${NAME} for a variable",
        ["shell"] = "has no effect here: the pool starts the program itself; for a shell write command = sh, args = [\"-c\", …]",
    };

    private const string Tools = "has no effect here: all tools of the server can be called; the pool has no filter of tools";
    private const string Sandbox = "has no effect here: the program runs with the rights of the pool's process";
    private const string Login = "has no effect here: the pool does not log in by itself; write the token in headers";

    private static readonly HashSet<string> Known =
    [
        .. Command, .. Args, .. Env, .. EnvFile, .. EnvNames, .. Directory, .. Url, .. Headers, .. HeaderVariables, .. TokenVariable,
        .. Type, .. Proxy, .. Timeout, .. StartTimeout, .. RequestBlocks, .. OfClientsOnly, .. SwitchedOff.Keys, .. ClientBlocks.Names,
        "path",
    ];

    private readonly List<(string Name, string Folded, JsonElement Value)> _properties = [];

    public EntryKeys(JsonElement entry)
    {
        Add(entry);
        foreach (var block in (string[])["transport", "command", .. RequestBlocks])
        {
            if (Find(block) is { ValueKind: JsonValueKind.Object } inner)
                Add(inner);
        }
    }

    /// <summary>The folded keys of the entry.</summary>
    public IReadOnlyCollection<string> Folded => [.. _properties.Select(property => property.Folded)];

    /// <summary>Whether an entry with this key says where the server is.</summary>
    public static bool IsEndpoint(string key) => FoldedKey.Of(key) is var folded && (Command.Contains(folded) || Url.Contains(folded));

    /// <summary>The value of the first of these keys that has one, with the key as it is written.</summary>
    public (string Key, JsonElement Value)? Value(string[] meaning)
    {
        foreach (var word in meaning)
        {
            var found = _properties.FindIndex(property => property.Folded == word && IsPresent(property.Value));
            if (found >= 0)
                return (_properties[found].Name, _properties[found].Value);
        }
        return null;
    }

    /// <summary>The values of all of these keys that have one, the one that wins last.</summary>
    public IEnumerable<(string Key, JsonElement Value)> Values(string[] meaning) => _properties
        .Where(property => meaning.Contains(property.Folded) && IsPresent(property.Value))
        .Reverse()
        .OrderByDescending(property => Array.IndexOf(meaning, property.Folded))
        .Select(property => (property.Name, property.Value));

    /// <summary>What each key that has no effect here would have meant.</summary>
    public IEnumerable<(string Key, string Note)> WithoutEffect()
    {
        foreach (var (name, folded, value) in _properties)
        {
            if (Unsupported.TryGetValue(folded, out var note))
            {
                if (IsWanted(value))
                    yield return (name, note);
            }
            else if (ClientBlocks.Names.Contains(folded) && value.ValueKind == JsonValueKind.Object)
            {
                foreach (var inner in value.EnumerateObject().Where(inner => IsWanted(inner.Value)))
                {
                    if (Unsupported.TryGetValue(FoldedKey.Of(inner.Name), out var innerNote))
                        yield return ($"{name}.{inner.Name}", innerNote);
                }
            }
            else if (!Known.Contains(folded) && IsWord(name))
            {
                yield return (name, "is not known and has no effect");
            }
        }
    }

    private void Add(JsonElement block)
    {
        // A key that is written twice has its last value, as in every client.
        foreach (var property in block.EnumerateObject().GroupBy(property => property.Name).Select(same => same.Last()))
            _properties.Add((property.Name, FoldedKey.Of(property.Name), property.Value));
    }

    // Other keys are comments, or extensions that no reader need know.
    private static bool IsWord(string name) =>
        name.Length > 0 && char.IsLetter(name[0]) && !name.StartsWith("x-", StringComparison.OrdinalIgnoreCase);

    private JsonElement? Find(string folded)
    {
        var found = _properties.FindIndex(property => property.Folded == folded);
        return found < 0 ? null : _properties[found].Value;
    }

    private static bool IsPresent(JsonElement value) =>
        value.ValueKind != JsonValueKind.Null && !(value.ValueKind == JsonValueKind.String && value.GetString()!.Trim().Length == 0);

    // An empty list, false and ["*"] leave everything as it is.
    private static bool IsWanted(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.False => false,
        JsonValueKind.Array => value.GetArrayLength() > 0
            && !value.EnumerateArray().Any(item => item.ValueKind == JsonValueKind.String && item.GetString() == "*"),
        JsonValueKind.Object => value.EnumerateObject().Any(),
        _ => IsPresent(value),
    };
}
