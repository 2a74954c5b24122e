/** The page's shell. INVARIANT: nothing but our own bundle runs and nothing is fetched from anywhere else. Pure. */

export interface ShellOptions {
    /** `webview.cspSource`. */
    cspSource: string;
    nonce: string;
    /** Addresses as the page sees them. */
    script: string;
    styles: readonly string[];
    /** Of the document, and the id of the element that the script fills. */
    title?: string;
    main?: string;
}

export function chatShell({
    cspSource,
    nonce,
    script,
    styles,
    title = "Ingot Chat",
    main = "chat",
}: ShellOptions): string {
    const policy = [
        "default-src 'none'",
        `style-src ${cspSource}`,
        `font-src ${cspSource}`,
        `script-src 'nonce-${nonce}'`,
        "base-uri 'none'",
        "form-action 'none'",
    ].join("; ");
    const links = styles.map((href) => `<link rel="stylesheet" href="${attribute(href)}">`);
    return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${attribute(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${attribute(title)}</title>
${links.join("\n")}
</head>
<body>
<main id="${attribute(main)}"></main>
<script nonce="${attribute(nonce)}" src="${attribute(script)}"></script>
</body>
</html>
`;
}

function attribute(text: string): string {
    return text.replace(/&/g, "&amp;").replace(/"/g, "&quot;").replace(/</g, "&lt;");
}
