/** The engine child: restarted after a crash by the next request, and on command. */

import { strict as assert } from "node:assert";
import { commands } from "vscode";
import {
    api,
    closeEditors,
    openAt,
    openWithSuggestion,
    requestCompletion,
    setSetting,
    until,
} from "./support";

describe("the engine", () => {
    afterEach(closeEditors);

    it("is a process of its own that holds the model", async () => {
        await openWithSuggestion();
        const { enginePid, engineStatus } = await api();
        assert.notEqual(enginePid(), process.pid);
        const status = await engineStatus();
        assert.equal(status?.models.length, 1);
        assert.ok(status.models[0]?.roles.includes("completion"));
    });

    // With INGOT_TEST_MODEL=FILE a large model shows it better than the starter; the figures go to the log.
    it("keeps the model's memory out of the window's process", async () => {
        const { engineStatus } = await api();
        const before = process.memoryUsage().rss;
        const path = process.env["INGOT_TEST_MODEL"];
        if (path) await commands.executeCommand("ingot.useForCompletions", { path });
        await openWithSuggestion();
        const grown = process.memoryUsage().rss - before;
        const engine = await engineStatus();
        const sizeBytes = engine?.models[0]?.sizeBytes ?? 0;
        console.log("memory in MB", {
            model: Math.round(sizeBytes / 1e6),
            hostGrowth: Math.round(grown / 1e6),
            engine: Math.round((engine?.rssBytes ?? 0) / 1e6),
        });
        await setSetting("completion.model", undefined);
        assert.ok((engine?.rssBytes ?? 0) > sizeBytes, "the engine holds the model");
        assert.ok(grown < 64e6, `the window's process grew by ${grown} bytes`);
    });

    it("works again after SIGKILL with the next request", async () => {
        const { enginePid, status } = await api();
        await openWithSuggestion();
        const pid = enginePid();
        assert.ok(pid !== undefined);
        process.kill(pid, "SIGKILL");
        await until("the status to say so", () => status()?.severity === "warning");
        assert.match(status()?.title ?? "", /stopped/);
        await closeEditors();
        await openAt("function sub(a: number, b: number) {\n    return |\n}", "typescript");
        const { outcome } = await requestCompletion();
        assert.ok(outcome.kind === "suggestion" || outcome.tokens, JSON.stringify(outcome));
        assert.notEqual(enginePid(), pid);
        assert.notEqual(enginePid(), undefined);
    });

    it("is another process after Restart Engine", async () => {
        const { enginePid } = await api();
        await openWithSuggestion();
        const before = enginePid();
        await commands.executeCommand("ingot.restartEngine");
        assert.notEqual(enginePid(), before);
        assert.notEqual(enginePid(), undefined);
    });
});
