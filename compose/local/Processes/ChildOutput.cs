using System.Text.RegularExpressions;

namespace TokenBroker.Local.Processes;

/// <summary>What a child process has written so far: the newest lines, up to a limit. Safe to read while it writes.</summary>
public sealed class ChildOutput
{
    private readonly Lock _gate = new();
    private readonly Queue<(bool IsError, string Text)> _lines = new();
    private readonly List<(Regex Pattern, TaskCompletionSource<string> Found)> _waiting = [];
    private readonly int _limit;

    internal ChildOutput(int limit) => _limit = limit;

    /// <summary>All lines, in the order of their arrival.</summary>
    public IReadOnlyList<string> Lines => Select(_ => true);

    /// <summary>The lines of standard output.</summary>
    public IReadOnlyList<string> StandardOutput => Select(line => !line.IsError);

    /// <summary>The lines of standard error.</summary>
    public IReadOnlyList<string> StandardError => Select(line => line.IsError);

    /// <summary>All lines as one text.</summary>
    public override string ToString() => string.Join('\n', Lines);

    internal void Add(bool isError, string text)
    {
        lock (_gate)
        {
            _lines.Enqueue((isError, text));
            if (_lines.Count > _limit)
                _lines.Dequeue();

            for (var i = _waiting.Count - 1; i >= 0; i--)
            {
                if (_waiting[i].Pattern.Match(text) is { Success: true } match)
                {
                    _waiting[i].Found.TrySetResult(match.Groups[1].Value);
                    _waiting.RemoveAt(i);
                }
            }
        }
    }

    /// <summary>Completes with the first group of the first match, in a line that is there or one that will come.</summary>
    internal Task<string> FirstMatchAsync(Regex pattern)
    {
        lock (_gate)
        {
            foreach (var (_, text) in _lines)
            {
                if (pattern.Match(text) is { Success: true } match)
                    return Task.FromResult(match.Groups[1].Value);
            }

            var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((pattern, found));
            return found.Task;
        }
    }

    private string[] Select(Func<(bool IsError, string Text), bool> predicate)
    {
        lock (_gate)
            return [.. _lines.Where(predicate).Select(line => line.Text)];
    }
}
