using ModelContextProtocol.Protocol;

namespace McpActors.Gateway;

/// <summary>Which lists of a view a client sees differently from before. Pure.</summary>
/// <param name="Tools">The tools.</param>
/// <param name="Prompts">The prompts.</param>
/// <param name="Resources">The resources or resource templates.</param>
internal readonly record struct ViewChange(bool Tools, bool Prompts, bool Resources)
{
    public bool IsAny => Tools || Prompts || Resources;

    public static ViewChange Between(GatewayView before, GatewayView after) => new(
        !before.Tools.IsSeenAs(after.Tools),
        !before.Prompts.IsSeenAs(after.Prompts),
        !before.Resources.IsSeenAs(after.Resources) || !before.Templates.IsSeenAs(after.Templates));

    /// <summary>The notifications that announce it.</summary>
    public IEnumerable<string> Notifications()
    {
        if (Tools)
            yield return NotificationMethods.ToolListChangedNotification;
        if (Prompts)
            yield return NotificationMethods.PromptListChangedNotification;
        if (Resources)
            yield return NotificationMethods.ResourceListChangedNotification;
    }
}
