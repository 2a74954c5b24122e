/** A page that runs no script: what acts on it is a link to a command. INVARIANT: nothing is fetched but our style sheets. Pure. */

import { html, type Markup } from "./markup";

export interface StaticPageOptions {
    /** `webview.cspSource`, and the style sheets' addresses as the page sees them. */
    cspSource: string;
    styles: readonly string[];
}

export function staticPage(
    title: string,
    { cspSource, styles }: StaticPageOptions,
    content: Markup,
): string {
    const policy = `default-src 'none'; style-src ${cspSource}; base-uri 'none'; form-action 'none'`;
    const { text } = html`<!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta http-equiv="Content-Security-Policy" content="${policy}" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <title>${title}</title>
                ${styles.map((href) => html`<link rel="stylesheet" href="${href}" />`)}
            </head>
            <body>
                <main>${content}</main>
            </body>
        </html> `;
    return text;
}
