/** Text as it stands in HTML and SVG, between tags and in quoted attributes. */
export function escapeMarkup(text: string): string {
    return text
        .replace(/&/g, "&amp;")
        .replace(/</g, "&lt;")
        .replace(/>/g, "&gt;")
        .replace(/"/g, "&quot;");
}

/** Text in Markdown, in which neither Markdown nor HTML means anything. */
export function escapeMarkdown(text: string): string {
    return text.replace(/&/g, "&amp;").replace(/[\\`*_{}[\]<>#|!~$]/g, "\\$&");
}
