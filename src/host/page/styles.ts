/** The style sheets of a page: what all pages have in common, then its own. */

import { Uri, type Webview } from "vscode";

/** As the page sees them. `name`: of `media/NAME.css`. */
export function pageStyles(webview: Webview, extensionUri: Uri, name: string): string[] {
    return ["page", name].map((one) =>
        webview.asWebviewUri(Uri.joinPath(extensionUri, "media", `${one}.css`)).toString(),
    );
}
