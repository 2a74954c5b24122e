// What the window loads at once: by esbuild's account of the files, and which modules must not be in them.
import { describe, expect, it } from "vitest";
import type { Metafile } from "esbuild";
import { creptIn, loadedWith } from "../../../scripts/bundles/start.mjs";

type Output = Metafile["outputs"][string];

function output(inputs: Record<string, number>, imports: Output["imports"] = []): Output {
    const contributions = Object.entries(inputs).map(([path, bytesInOutput]) => [
        path,
        { bytesInOutput },
    ]);
    return {
        bytes: 1,
        imports,
        exports: [],
        inputs: Object.fromEntries(contributions) as Output["inputs"],
    };
}

const made: Metafile = {
    inputs: {},
    outputs: {
        "dist/extension.js": output({ "src/extension.ts": 9 }, [
            { path: "dist/shared.js", kind: "import-statement" },
            { path: "vscode", kind: "import-statement", external: true },
        ]),
        "dist/shared.js": output(
            { "src/host/app.ts": 20, "src/host/edit/edits.ts": 0, "src/host/models/tree.ts": 5 },
            [
                { path: "dist/inner.js", kind: "import-statement" },
                { path: "dist/assistant.js", kind: "dynamic-import" },
            ],
        ),
        "dist/inner.js": output({ "src/base/event.ts": 3 }),
        "dist/assistant.js": output({ "src/host/edit/edits.ts": 40 }, [
            { path: "dist/shared.js", kind: "import-statement" },
        ]),
    },
};
const start = ["dist/extension.js", "dist/shared.js", "dist/inner.js"];

describe("what the window loads at once", () => {
    it("is what is imported, not what import() brings later, nor VS Code's own", () => {
        expect(loadedWith(made, "dist/extension.js")).toEqual(start);
        expect(loadedWith(made, "dist/assistant.js")).toEqual([
            "dist/assistant.js",
            "dist/shared.js",
            "dist/inner.js",
        ]);
    });

    it("holds nothing that is loaded at first use", () => {
        expect(creptIn(made, start)).toEqual([]);
    });

    it("names each module that got in once, and no type that left nothing", () => {
        const outputs = {
            ...made.outputs,
            "dist/inner.js": output({
                "src/host/edit/edits.ts": 40,
                "src/gguf/read.ts": 7,
                "src/host/chat/view.ts": 0,
                "node_modules/diff/lib/a.js": 1,
            }),
            "dist/extension.js": output({ "src/gguf/read.ts": 1 }),
        };
        expect(creptIn({ inputs: {}, outputs }, start)).toEqual([
            "node_modules/diff/lib/a.js",
            "src/gguf/read.ts",
            "src/host/edit/edits.ts",
        ]);
    });
});
