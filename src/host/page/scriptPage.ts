/** A page that runs a script of ours, in a view or a tab: what it may load, how it is told from another one, its shell. */

import { randomBytes } from "node:crypto";
import { Uri, type Webview } from "vscode";
import type { Disposable } from "../../base/lifecycle";
import type { Port } from "../../protocol/channel";
import { pageShell } from "./shell";
import { pageStyles } from "./styles";
import { acceptPages } from "./webviewPort";

export interface ScriptPage {
    /** Of `dist/NAME.js`, of `media/NAME.css`, and the id of the element that the script fills. */
    name: string;
    /** Of the document. */
    title: string;
}

/** `accept` gets the port of the page, and of each one that takes its place. */
export function serveScriptPage(
    webview: Webview,
    extensionUri: Uri,
    { name, title }: ScriptPage,
    accept: (port: Port) => Disposable,
): Disposable {
    const media = Uri.joinPath(extensionUri, "media");
    const dist = Uri.joinPath(extensionUri, "dist");
    webview.options = { enableScripts: true, localResourceRoots: [media, dist] };
    const accepting = acceptPages(webview, accept);
    const address = (folder: Uri, file: string) =>
        webview.asWebviewUri(Uri.joinPath(folder, file)).toString();
    webview.html = pageShell({
        cspSource: webview.cspSource,
        nonce: randomBytes(18).toString("base64"),
        script: address(dist, `${name}.js`),
        styles: [address(dist, "codicon.css"), ...pageStyles(webview, extensionUri, name)],
        title,
        main: name,
    });
    return accepting;
}
