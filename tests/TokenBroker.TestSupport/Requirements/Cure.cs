namespace TokenBroker.TestSupport.Requirements;

/// <summary>The same software under the names that each system's package manager has for it; prints as the command for this one.</summary>
internal sealed record Cure(string Apt, string? Brew = null, string? Winget = null)
{
    public override string ToString()
    {
        if (OperatingSystem.IsMacOS() && Brew is not null)
            return $"brew install {Brew}";
        if (OperatingSystem.IsWindows() && Winget is not null)
            return $"winget install {Winget}";
        // Other distributions package the same things under other names: theirs to translate.
        return Environment.IsPrivilegedProcess ? $"apt-get install -y {Apt}" : $"sudo apt-get install -y {Apt}";
    }
}
