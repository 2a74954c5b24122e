/**
 * Loads tree-sitter and its grammars from files, each once and only when it is first needed: reading and compiling happen off the
 * thread. A grammar that cannot be loaded is logged and then missing, never an error.
 */

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Log } from "../base/log";
import type { Grammars, SyntaxParser } from "../syntax/tree";

/** The runtime's exports, as far as they are used. */
interface Runtime {
    Parser: {
        init(options: { locateFile: (file: string) => string }): Promise<void>;
        new (): SyntaxParser & { setLanguage(language: object): void };
    };
    Language: { load(bytes: Uint8Array): Promise<object> };
}

/** `folder`: holds `tree-sitter.js`, `tree-sitter.wasm` and `tree-sitter-NAME.wasm`. */
export class FileGrammars implements Grammars {
    private runtime: Promise<Runtime> | undefined;
    private readonly loaded = new Map<string, Promise<(() => SyntaxParser) | undefined>>();

    constructor(
        private readonly folder: string,
        private readonly log: Log,
    ) {}

    load(grammar: string): Promise<(() => SyntaxParser) | undefined> {
        const known = this.loaded.get(grammar);
        if (known) return known;
        const loading = this.read(grammar).catch((error: unknown) => {
            this.log.warn("grammar not loaded", { grammar, error: String(error) });
            return undefined;
        });
        this.loaded.set(grammar, loading);
        return loading;
    }

    private async read(grammar: string): Promise<() => SyntaxParser> {
        this.runtime ??= this.start();
        const { Parser, Language } = await this.runtime;
        const language = await Language.load(
            await readFile(join(this.folder, `tree-sitter-${grammar}.wasm`)),
        );
        return () => {
            const parser = new Parser();
            parser.setLanguage(language);
            return parser;
        };
    }

    private async start(): Promise<Runtime> {
        const path = join(this.folder, "tree-sitter.js");
        const runtime = createRequire(path)(path) as Runtime;
        await runtime.Parser.init({ locateFile: (file) => join(this.folder, file) });
        return runtime;
    }
}
