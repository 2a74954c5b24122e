/** An engine as a child process: lines both ways, and what is said of one that ends early. */

import { expect, it } from "vitest";
import { Engine } from "../../../bench/typing/engine.mjs";

/** A program that gets each line as `m` and says with `say`. */
function engine(body: string): Engine {
    const script = `
        const say = (m) => console.log(JSON.stringify(m));
        require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
            const m = JSON.parse(line);
            if (m.type === "stop") process.exit(0);
            ${body}
        });`;
    return new Engine([process.execPath, "-e", script]);
}

it("starts, hands on what is said, and knows when nothing is under way", async () => {
    const child = engine(`
        if (m.type === "start") say({ type: "ready", engine: m.model, version: "1" });
        if (m.type === "request") say({ type: "result", id: m.id });
        if (m.type === "sync") say({ type: "synced", id: m.id });`);
    const heard: object[] = [];
    child.listener = (message) => heard.push(message);
    expect(await child.start({ model: "m.gguf" })).toMatchObject({ engine: "m.gguf" });
    child.send({ type: "request", id: 7 });
    await child.sync();
    expect(heard).toEqual([{ type: "result", id: 7 }]);
    await child.stop();
});

it("that ends fails what waits, with its last words", async () => {
    const child = engine(`process.stderr.write("no such model", () => process.exit(3));`);
    await expect(child.start({})).rejects.toThrow(/ended with 3\nno such model/);
    await expect(child.sync()).rejects.toThrow("the engine is gone");
    await child.stop();
});

it("that says what is no JSON is ended", async () => {
    const child = engine(`console.log("hello");`);
    await expect(child.start({})).rejects.toThrow("no JSON: hello");
    await child.stop();
});
