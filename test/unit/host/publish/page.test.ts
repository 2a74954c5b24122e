// What the page of a publication says and lets be done, the command line it names, and which comparisons are offered for its card.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { comparisonsOf } from "../../../../src/host/publish/comparisons";
import { publishPage, type PageOptions } from "../../../../src/host/publish/page";
import { isPendingJob } from "../../../../src/host/models/pendingJob";
import { titlesOf, withoutToken } from "../../../../src/host/models/jobRequest";
import type { PublishPlan } from "../../../../src/protocol/publish";

const plan: PublishPlan = {
    endpoint: "https://hub.example",
    host: "hub.example",
    account: "ann",
    repo: "ann/Tea-GGUF",
    url: "https://hub.example/ann/Tea-GGUF",
    exists: true,
    private: true,
    pullRequest: false,
    files: [
        {
            path: "tea-<b>.gguf",
            sizeBytes: 2_000_000,
            type: "Q8_0",
            bitsPerWeight: 8.5,
            source: "/m/tea.gguf",
            isThere: true,
        },
        { path: "new.gguf", sizeBytes: 1_000_000, source: "/m/it's new.gguf", isThere: false },
    ],
    totalBytes: 3_000_000,
    card: "# Tea",
    hasCard: true,
    license: "mit",
    baseModels: ["tiny/Tea"],
    isBaseOpen: false,
    notes: ["The file names nothing"],
};
const options: PageOptions = {
    plan,
    choice: { files: ["/m/tea.gguf", "/m/it's new.gguf"], license: "mit" },
    hasTable: false,
    state: { kind: "preview" },
    isCardKept: false,
    page: 3,
    cspSource: "https://view.example",
    styles: ["https://view.example/publish.css"],
};
const links = (page: string) =>
    [...page.matchAll(/href="command:([\w.]+)\?([^"]*)"/g)].map(([, command, query]) => [
        command,
        ...(JSON.parse(decodeURIComponent(query ?? "")) as unknown[]),
    ]);
const actions = (page: string) => links(page).map(([, , action]) => action);

describe("the page", () => {
    it("shows all that would go, and asks", () => {
        const page = publishPage(options);
        for (const text of [
            "hub.example",
            "ann/Tea-GGUF, there already",
            "Private:",
            "One commit on the main branch",
            "tea-&lt;b&gt;.gguf",
            "replaced if different",
            "2.0 MB",
            "3,000,000 bytes",
            "The file names nothing.",
            "tiny/Tea",
        ])
            expect(page).toContain(text);
        expect(page).not.toContain("<b>");
        expect(actions(page)).toEqual(["publish", "card", "close", "keepCard"]);
        expect(links(page).every(([, id]) => id === 3)).toBe(true);
    });

    it("can leave the card that is there, and says what stopped it", () => {
        const state = { kind: "preview", problem: "The Hub is full" } as const;
        const page = publishPage({ ...options, isCardKept: true, state });
        expect(page).toMatch(/role="alert">The Hub is full\./);
        expect(actions(page)).toContain("replaceCard");
        expect(page).toContain("--keep-card");
    });

    it("lets nothing be pressed twice, and links to what came of it", () => {
        expect(actions(publishPage({ ...options, state: { kind: "running" } }))).toEqual([]);
        const pullRequestUrl = `${plan.url}/discussions/1`;
        const result = {
            repo: plan.repo,
            url: plan.url,
            commit: "0123456789abcdef",
            pullRequestUrl,
            isCreated: false,
            isUnchanged: false,
            files: [{ path: "a.gguf", sizeBytes: 5, sha256: "ab".repeat(32), isNew: true }],
            bytes: 5,
            seconds: 1,
        };
        const page = publishPage({ ...options, state: { kind: "done", result } });
        expect(links(page)).toContainEqual(["vscode.open", pullRequestUrl]);
        expect(page).toContain("ab".repeat(32));
    });

    it("names the same command, with names quoted for a shell", () => {
        const choice = { ...options.choice, baseModel: "tiny/Tea" };
        const page = publishPage({
            ...options,
            choice,
            plan: { ...plan, exists: false, hasCard: false },
        });
        expect(page).toContain(
            "ingot publish /m/tea.gguf '/m/it'\\''s new.gguf' --repo ann/Tea-GGUF --private --license mit --base-model tiny/Tea",
        );
        expect(actions(page)).toEqual(["publish", "card", "close"]);
    });
});

describe("the job", () => {
    const params = {
        repo: "ann/Tea-GGUF",
        private: true,
        pullRequest: false,
        files: ["/m/a.gguf"],
    };
    it("is kept without the token, and known again", () => {
        const request = withoutToken({ kind: "publish", params: { ...params, token: "secret" } });
        expect(request).toEqual({ kind: "publish", params });
        expect(isPendingJob({ id: "1", request })).toBe(true);
        expect(titlesOf(request)).toMatchObject({
            running: "Publishing ann/Tea-GGUF",
            what: "Tea-GGUF",
        });
    });
});

describe("comparisons", () => {
    let folder: string;
    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "ingot-comparisons-"));
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    const record = (name: string, startedAt: string, rows: object[]) =>
        writeFileSync(
            join(folder, `${name}.comparison.json`),
            JSON.stringify({
                ingotComparison: 1,
                model: name,
                startedAt,
                machine: { cpu: "x", ramBytes: 1, contextTokens: 512 },
                rows,
            }),
        );
    const row = { file: "/other/tea-Q4_0.gguf", type: "Q4_0", bytes: 10 };

    it("are those that have figures of the files, newest first", async () => {
        record("old", "2026-01-01T00:00:00Z", [{ ...row, ppl: 8 }]);
        record("new", "2026-02-01T00:00:00Z", [
            { ...row, meanKl: 0.1 },
            { ...row, file: "tea-Q8_0.gguf", ppl: 7 },
        ]);
        record("unmeasured", "2026-03-01T00:00:00Z", [row]);
        record("of-others", "2026-03-01T00:00:00Z", [{ ...row, file: "x.gguf", ppl: 1 }]);
        writeFileSync(join(folder, "broken.comparison.json"), "{");
        mkdirSync(join(folder, "folder.comparison.json"));
        const found = await comparisonsOf(["/m/tea-Q4_0.gguf", "/m/tea-Q8_0.gguf"], folder);
        expect(found.map(({ model, nMeasured }) => [model, nMeasured])).toEqual([
            ["new", 2],
            ["old", 1],
        ]);
        expect(await comparisonsOf(["/m/a.gguf"], join(folder, "none"))).toEqual([]);
    });
});
