/** The extension starts fast, with everything it contributes behind it. */

import { strict as assert } from "node:assert";
import { commands, workspace } from "vscode";
import { SETTING } from "../../../src/host/config";
import { COMMAND } from "../../../src/host/manifest";
import { api, ingot } from "./support";

/** Loose on purpose: a test machine may be busy. The figure of the real budget is the bench's. */
const ACTIVATION_LIMIT_MS = 500;

describe("activation", () => {
    it("is done by itself after the start, without an engine", async () => {
        const { activationMs } = await api();
        assert.ok(ingot().isActive);
        assert.ok(activationMs > 0 && activationMs < ACTIVATION_LIMIT_MS, `${activationMs} ms`);
    });

    // The first file of the suite: nobody has used anything yet.
    it("loads no part before it is used, and one when it is", async () => {
        const { loaded, modelRows } = await api();
        assert.deepEqual(loaded(), []);
        await modelRows();
        assert.deepEqual(loaded(), ["library"]);
    });

    it("registers every contributed command", async () => {
        await api();
        const registered = new Set(await commands.getCommands(true));
        const missing = Object.values(COMMAND).filter((id) => !registered.has(id));
        assert.deepEqual(missing, []);
    });

    it("has the settings of the table, with its defaults", () => {
        const section = workspace.getConfiguration("ingot");
        const found = Object.values(SETTING).map(({ key }) => [
            key,
            section.inspect(key)?.defaultValue,
        ]);
        const expected = Object.values(SETTING).map((setting) => [setting.key, setting.default]);
        assert.deepEqual(Object.fromEntries(found), Object.fromEntries(expected));
    });

    it("shows a status", async () => {
        const status = (await api()).status();
        assert.match(status?.text ?? "", /^\$\([\w~-]+\)/);
        assert.ok((status?.actions.length ?? 0) > 0);
    });
});
