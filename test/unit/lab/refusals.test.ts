// What the lab does not begin with: texts that do not serve, files that are there already, options that contradict each other.
import {
    existsSync,
    mkdirSync,
    readdirSync,
    readFileSync,
    rmdirSync,
    writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import type { CliContext } from "../../../src/cli/context";
import { textFiles } from "../../../src/cli/evaluate";
import { perplexity } from "../../../src/cli/perplexity";
import { readImatrixFile } from "../../../src/foundry/quant/imatrix";
import { makeImatrix } from "../../../src/lab/imatrix/run";
import { imatrixBytes } from "../../../src/lab/imatrix/write";
import { scoreInfill } from "../../../src/lab/infill/run";
import type { LabEnvironment } from "../../../src/lab/openModel";
import { readLogitsHeader } from "../../../src/lab/scores/logitsFile";
import { scorePerplexity } from "../../../src/lab/scores/run";
import { chunksOf, readTexts } from "../../../src/lab/texts";
import type { NativeModel } from "../../../src/node/native";
import type { ImatrixParams, LabEvent } from "../../../src/protocol/lab";
import { temporaryFolder } from "../../support/temporaryFolder";

const STARTER = "models/starter/starter-q8_0.gguf";
const home = temporaryFolder("lab");
const write = (name: string, content: string | Uint8Array) => {
    const path = join(home(), name);
    writeFileSync(path, content);
    return { path, name };
};
/** Nothing may be opened. */
const environment = {
    get native(): never {
        throw new Error("the addon was asked for");
    },
    signal: new AbortController().signal,
    onProgress: () => undefined,
} as LabEnvironment;

describe("texts", () => {
    it("are joined without their last line breaks", async () => {
        const files = [write("a.py", "a = 1\n"), write("b.py", "b = 2\n\n")];
        expect(await readTexts(files)).toBe("a = 1\nb = 2\n");
    });

    it("must be there and be UTF-8", async () => {
        await expect(readTexts([write("binary", Buffer.from([0x41, 0xff]))])).rejects.toThrow(
            /^binary is not UTF-8 text; /,
        );
        await expect(readTexts([{ path: home(), name: "none" }])).rejects.toThrow(
            /^There is no text file none; /,
        );
    });

    it("must be of two chunks, and are cut into whole ones", async () => {
        const all = Int32Array.from({ length: 40 }, (_, i) => i);
        const done = Promise.resolve(all);
        const model = { tokenizeText: () => ({ done }) } as unknown as NativeModel;
        const { signal } = environment;
        await expect(chunksOf(model, "", { contextTokens: 21 }, signal)).rejects.toThrow(
            /^The text is too short: it has 40 tokens, and 42 are the least for chunks of 21; /,
        );
        const cut = await chunksOf(model, "", { contextTokens: 12 }, signal);
        expect(cut).toEqual({ tokens: all.slice(0, 36), contextTokens: 12, nChunks: 3 });
        const fewer = await chunksOf(model, "", { contextTokens: 12, chunks: 2 }, signal);
        expect(fewer.nChunks).toBe(2);
    });

    it("without code have no holes", async () => {
        const texts = [write("notes.txt", "Buy bread and butter.\nCall the bank.\n")];
        const params = { model: join(home(), "model.gguf"), texts };
        await expect(scoreInfill(params, environment)).rejects.toThrow(/no code to cut holes from/);
    });
});

describe("a file that is there already", () => {
    it("is not overwritten without being asked", async () => {
        const text = write("a.py", "a = 1\n");
        const { path } = write("there", "");
        const common = { model: "m", texts: [text] };
        const saved = scorePerplexity({ ...common, saveLogits: path }, environment);
        await expect(saved).rejects.toThrow(/exists already/);
        const made = makeImatrix({ ...common, out: path, format: "gguf" }, environment);
        await expect(made).rejects.toThrow(/exists already/);
    });

    it("is never the model or the text, nor a device", async () => {
        const text = write("a.py", "a = 1\n");
        const model = write("m.gguf", "GGUF");
        const common = { model: model.path, texts: [text], overwrite: true };
        for (const [path, why] of [
            [model.path, /would replace the file that it is made from/],
            [text.path, /would replace the file that it is made from/],
            ["/dev/null", /is not a file/],
            [home(), /is a folder/],
        ] as const) {
            const saved = scorePerplexity({ ...common, saveLogits: path }, environment);
            await expect(saved).rejects.toThrow(why);
            const made = makeImatrix({ ...common, out: path, format: "gguf" }, environment);
            await expect(made).rejects.toThrow(why);
        }
    });
});

describe("the place of a result", () => {
    const saved = (out: string, texts = [write("a.py", "a = 1\n")]) =>
        scorePerplexity({ model: "m", texts, saveLogits: out }, environment);
    const made = (out: string, more: Partial<ImatrixParams> = {}) => {
        const texts = [write("a.py", "a = 1\n")];
        return makeImatrix({ model: "m", texts, out, format: "gguf", ...more }, environment);
    };

    it("is a folder that is there, which is said before anything is measured", async () => {
        const out = join(home(), "none", "result");
        const why = `result cannot be written: there is no folder ${join(home(), "none")}; make it or choose another one`;
        await expect(saved(out)).rejects.toThrow(why);
        await expect(made(out)).rejects.toThrow(why);
        const { path } = write("file", "");
        await expect(saved(join(path, "x"))).rejects.toThrow(`${path} is no folder`);
    });

    it("is cleared of what killed runs left there, and of nothing that is still wanted", async () => {
        const gone = 999_999_999;
        const left = (name: string) => write(name, "").path;
        for (const begin of [saved, made]) {
            const dead = left(`out.gguf.${gone}.part`);
            const wanted = [
                left(`out.gguf.${process.ppid}.part`),
                left(`other.gguf.${gone}.part`),
                left(`out.gguf.${gone - 1}.part`),
                left(`out.gguf.${gone - 1}.journal`),
            ];
            await expect(begin(join(home(), "out.gguf"))).rejects.toThrow();
            expect(existsSync(dead)).toBe(false);
            expect(wanted.map(existsSync)).toEqual([true, true, true, true]);
        }
    });

    it("gets no sum with the matrix of another model, which is named before anything is measured", async () => {
        const matrix = (weight: string, n: number) =>
            imatrixBytes(
                {
                    entries: new Map([
                        [weight, { sums: new Float32Array(n), counts: Float64Array.of(512) }],
                    ]),
                    datasets: ["x"],
                    chunkTokens: 512,
                },
                "gguf",
            );
        const merge = (bytes: Uint8Array) =>
            made(join(home(), "sum.gguf"), {
                model: STARTER,
                merge: [write("theirs.gguf", bytes)],
            });
        await expect(merge(matrix("blk.0.attn_q.weight", 7))).rejects.toThrow(
            /^theirs\.gguf is of another model: it has 7 values for blk\.0\.attn_q\.weight, and starter-q8_0\.gguf has \d+ columns there; /,
        );
        await expect(merge(matrix("blk.99.attn_q.weight", 7))).rejects.toThrow(
            /which starter-q8_0\.gguf does not have; /,
        );
        const alone = made(join(home(), "sum.gguf"), {
            model: STARTER,
            texts: [],
            merge: [write("theirs.gguf", matrix("blk.0.attn_q.weight", 7))],
        });
        await expect(alone).rejects.toThrow(/^theirs\.gguf is of another model: /);
        mkdirSync(join(home(), "folder"));
        const folder = { path: join(home(), "folder"), name: "folder" };
        await expect(made(join(home(), "sum.gguf"), { merge: [folder] })).rejects.toThrow(
            /^folder is a folder; name the file of an importance matrix/,
        );
        expect(existsSync(join(home(), "sum.gguf"))).toBe(false);
    });
});

describe("what is saved in between", () => {
    it("and cannot be, is told once, and the measurement goes on", async () => {
        const out = join(home(), "out.gguf");
        const sums = [
            { name: "blk.0.attn_q.weight", sums: new Float32Array(4), counts: Float64Array.of(8) },
        ];
        let end: () => void = () => undefined;
        const model = {
            tokenizeText: () => ({ done: Promise.resolve(new Int32Array(32)) }),
            collectImatrix: (_: unknown, onChunks: (n: number, soFar: typeof sums) => void) => {
                mkdirSync(out);
                for (const n of [1, 2, 3]) onChunks(n, sums);
                return { done: new Promise((resolve) => (end = () => resolve(sums))) };
            },
            close: () => Promise.resolve(),
        };
        const native = { loadModel: () => ({ done: Promise.resolve(model) }) };
        const warnings: string[] = [];
        const result = await makeImatrix(
            {
                ...{ model: STARTER, texts: [write("a.py", "a = 1\n")], out },
                ...{ format: "gguf", contextTokens: 8, saveEvery: 1 },
            },
            {
                native: native as never,
                signal: environment.signal,
                onProgress: ({ warning }: LabEvent) => {
                    if (warning === undefined) return;
                    warnings.push(warning);
                    // The disk is mended.
                    setTimeout(() => (rmdirSync(out), end()), 50);
                },
            },
            { folder: join(home(), "kept") },
        );
        expect(warnings).toEqual([
            `What there is so far was not saved: ${out} is a folder; name a file to write`,
        ]);
        expect(result.file).toBe(out);
        expect(readdirSync(home()).sort()).toEqual(["a.py", "kept", "out.gguf"]);
    });
});

describe("a file that comes to the place of a result during the measurement", () => {
    const sums = [
        { name: "blk.0.attn_q.weight", sums: new Float32Array(4), counts: Float64Array.of(8) },
    ];
    const measuring = (model: object) =>
        ({
            native: {
                loadModel: () => ({
                    done: Promise.resolve({
                        tokenizeText: () => ({ done: Promise.resolve(new Int32Array(32)) }),
                        close: () => Promise.resolve(),
                        ...model,
                    }),
                }),
            },
            signal: environment.signal,
            onProgress: () => undefined,
        }) as unknown as LabEnvironment;
    const params = () => ({ model: STARTER, texts: [write("a.py", "a = 1\n")], contextTokens: 8 });
    const why = (out: string, aside: string) =>
        `${out} exists already: it came there meanwhile, and stays; the result is ${aside} beside it`;

    it("is not replaced unasked by a matrix, which lies beside it", async () => {
        const out = join(home(), "out.gguf");
        const collectImatrix = () => {
            writeFileSync(out, "theirs");
            return { done: Promise.resolve(sums) };
        };
        const make = (overwrite: boolean) =>
            makeImatrix(
                { ...params(), out, format: "gguf", overwrite },
                measuring({ collectImatrix }),
                { folder: join(home(), "kept") },
            );
        const aside = `out-${process.pid}.gguf`;
        await expect(make(false)).rejects.toThrow(why(out, aside));
        expect(readFileSync(out, "utf8")).toBe("theirs");
        expect((await readImatrixFile(join(home(), aside))).entries.size).toBe(1);
        await make(true);
        expect((await readImatrixFile(out)).entries.size).toBe(1);
    });

    it("is replaced when the run itself saved it", async () => {
        const out = join(home(), "out.gguf");
        const collectImatrix = (_: unknown, onChunks: (n: number, soFar: typeof sums) => void) => {
            onChunks(1, sums);
            onChunks(2, sums);
            return { done: Promise.resolve(sums) };
        };
        await makeImatrix(
            { ...params(), out, format: "gguf", saveEvery: 1 },
            measuring({ collectImatrix }),
            { folder: join(home(), "kept") },
        );
        expect(readdirSync(home()).sort()).toEqual(["a.py", "kept", "out.gguf"]);
    });

    it("is not replaced unasked by logits, which lie beside it", async () => {
        const out = join(home(), "out.logits");
        const scored = ({ saveLogits }: { saveLogits: string }) => {
            writeFileSync(saveLogits, "ours");
            writeFileSync(out, "theirs");
            return { done: Promise.resolve(new Float64Array(16)) };
        };
        const aside = `out-${process.pid}.logits`;
        const work = scorePerplexity(
            { ...params(), saveLogits: out },
            measuring({ scorePerplexity: scored }),
        );
        await expect(work).rejects.toThrow(why(out, aside));
        expect(readFileSync(out, "utf8")).toBe("theirs");
        expect(readFileSync(join(home(), aside), "utf8")).toBe("ours");
        expect(readdirSync(home()).sort()).toEqual(["a.py", aside, "out.logits"].sort());
    });
});

describe("a folder of texts", () => {
    beforeEach(() => {
        mkdirSync(join(home(), "project/.git"), { recursive: true });
        mkdirSync(join(home(), "project/made"));
        mkdirSync(join(home(), "project/node_modules"));
        mkdirSync(join(home(), "project/src"));
        const file = (name: string) => write(`project/${name}`, "x = 1\n");
        write("project/.gitignore", "made/\n*.log\n");
        write("project/.git/HEAD", "ref: refs/heads/main\n");
        write("project/binary.py", "x\0");
        for (const name of ["z.py", "src/b.py", "src/a.py", "made/m.py", "run.log"]) file(name);
        file("node_modules/n.js");
        file(".env");
    });

    it("is its files that may be shown, in order, by their names in it", async () => {
        const files = await textFiles([join(home(), "project")]);
        expect(files.map(({ name }) => name)).toEqual([
            "project/.gitignore",
            "project/src/a.py",
            "project/src/b.py",
            "project/z.py",
        ]);
        expect(files.at(-1)?.path).toBe(join(home(), "project/z.py"));
    });

    it("is refused when there is nothing in it", async () => {
        mkdirSync(join(home(), "empty"));
        await expect(textFiles([join(home(), "empty")])).rejects.toThrow(/^There is no text in/);
    });
});

it("a folder is no logits file", async () => {
    await expect(readLogitsHeader(home())).rejects.toThrow(/ is a folder; name a logits file$/);
});

describe("options of ingot perplexity", () => {
    const said = (...args: string[]) => perplexity.run({ args } as unknown as CliContext);
    it("know what goes together", async () => {
        await expect(said("m", "--logits", "a", "--text", "b")).rejects.toThrow(/leave --text out/);
        await expect(said("m", "--logits", "a", "--reference", "b")).rejects.toThrow(
            /do not go together/,
        );
        for (const option of ["--ctx", "--chunks"])
            await expect(said("m", "--logits", "a", option, "8")).rejects.toThrow(
                "--logits says which chunks there are; leave --ctx and --chunks out",
            );
        await expect(said("m")).rejects.toThrow(/^--text is missing/);
    });
});
