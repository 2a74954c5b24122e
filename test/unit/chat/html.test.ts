/** The shell's policy: nothing inline, nothing from elsewhere. */

import { expect, it } from "vitest";
import { pageShell } from "../../../src/host/page/shell";

const html = pageShell({
    cspSource: "https://*.vscode-cdn.net",
    nonce: 'n"1',
    script: "https://x/dist/chat.js?a&b",
    styles: ["https://x/media/page.css", "https://x/media/chat.css"],
    title: "Ingot Chat",
    main: "chat",
});

it("allows its own script by nonce, and nothing else", () => {
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'nonce-n&quot;1'");
    expect(policy).not.toMatch(/unsafe|img-src|connect-src|data:/);
});

it("has no inline script, style or handler", () => {
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html).not.toMatch(/<style|style=|\son\w+=/);
    expect(html).toContain('src="https://x/dist/chat.js?a&amp;b"');
    // What all pages have in common first: a page's own sheet goes before it.
    const sheets = [...html.matchAll(/href="([^"]*)"/g)].map((match) => match[1]);
    expect(sheets).toEqual(["https://x/media/page.css", "https://x/media/chat.css"]);
});
