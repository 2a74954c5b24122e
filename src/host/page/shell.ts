/** The shell of a page that runs a script. INVARIANT: nothing but our own bundle runs and nothing is fetched from anywhere else. Pure. */

import { escapeMarkup } from "../../base/escape";

export interface ShellOptions {
    /** `webview.cspSource`. */
    cspSource: string;
    nonce: string;
    /** Addresses as the page sees them. */
    script: string;
    styles: readonly string[];
    /** Of the document, and the id of the element that the script fills. */
    title: string;
    main: string;
}

export function pageShell({ cspSource, nonce, script, styles, title, main }: ShellOptions): string {
    const policy = [
        "default-src 'none'",
        `style-src ${cspSource}`,
        `font-src ${cspSource}`,
        `script-src 'nonce-${nonce}'`,
        "base-uri 'none'",
        "form-action 'none'",
    ].join("; ");
    const links = styles.map((href) => `<link rel="stylesheet" href="${escapeMarkup(href)}">`);
    return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeMarkup(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeMarkup(title)}</title>
${links.join("\n")}
</head>
<body>
<main id="${escapeMarkup(main)}"></main>
<script nonce="${escapeMarkup(nonce)}" src="${escapeMarkup(script)}"></script>
</body>
</html>
`;
}
