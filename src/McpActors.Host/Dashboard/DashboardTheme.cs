using MudBlazor;

namespace McpActors.Host.Dashboard;

/// <summary>Colours and type of the pages. Each text colour has a contrast of at least 4.5 to 1 to its background.</summary>
internal static class DashboardTheme
{
    private static readonly string[] Fonts = ["Inter", "system-ui", "Segoe UI", "Roboto", "Helvetica", "Arial", "sans-serif"];

    public static MudTheme Theme { get; } = new()
    {
        PaletteLight = new PaletteLight
        {
            Background = "#f5f6f8",
            Surface = "#ffffff",
            AppbarBackground = "#ffffff",
            AppbarText = "#1c2128",
            TextPrimary = "#1c2128",
            TextSecondary = "#59636e",
            TextDisabled = "#6e7781",
            ActionDefault = "#59636e",
            Primary = "#3f51b5",
            PrimaryContrastText = "#ffffff",
            Success = "#17712f",
            Warning = "#8a5a00",
            WarningContrastText = "#ffffff",
            Error = "#c62432",
            Info = "#0969da",
            LinesDefault = "#e4e7eb",
            LinesInputs = "#8c959f",
            TableLines = "#eceef1",
            Divider = "#e4e7eb",
        },
        PaletteDark = new PaletteDark
        {
            Background = "#0f1319",
            Surface = "#171c24",
            AppbarBackground = "#171c24",
            AppbarText = "#e6eaf0",
            TextPrimary = "#e6eaf0",
            TextSecondary = "#9ba5b2",
            TextDisabled = "#8b949e",
            ActionDefault = "#9ba5b2",
            Primary = "#9fa8ff",
            PrimaryContrastText = "#10141b",
            Success = "#4ac26b",
            SuccessContrastText = "#10141b",
            Warning = "#e0a93b",
            WarningContrastText = "#10141b",
            Error = "#ff7b72",
            ErrorContrastText = "#10141b",
            Info = "#6cb6ff",
            InfoContrastText = "#10141b",
            LinesDefault = "#2a313c",
            LinesInputs = "#6e7681",
            TableLines = "#222933",
            Divider = "#2a313c",
        },
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "8px", AppbarHeight = "56px" },
        Typography = new Typography
        {
            Default = new DefaultTypography { FontFamily = Fonts, FontSize = "0.875rem", LineHeight = "1.45", LetterSpacing = "0" },
            Button = new ButtonTypography
            {
                FontFamily = Fonts,
                FontSize = "0.8125rem",
                FontWeight = "600",
                TextTransform = "none",
                LetterSpacing = "0",
            },
        },
    };
}
