// Holes around which a compiler has something to say: lines of a TypeScript project whose rest, once it is cut, makes TypeScript's language service report an
// error within the lines that the product looks at. Which text that becomes is decided by the product.
import { readFileSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import ts from "typescript";
import { randomOf } from "../support/random.mjs";
import { piecesAt } from "./editorPieces.mjs";
import { shuffled } from "./holes.mjs";
import { inKeyOrder } from "./key.mjs";
import { linesIn, restsOf } from "./rests.mjs";

const MAX_CHARACTERS = 24_000;
/** Places of a file that are tried. */
const MAX_TRIES = 6;

/** `nHoles` of the source files of a folder of a project (a path below it), one of a file at most: `{ kind: "diagnostic", path, languageId, before, truth, after, repository, pieces }`. */
export async function cutDiagnosed(product, { project, below }, nHoles, seed) {
    const service = new Service(project);
    const files = service.files.filter(
        (path) => path.startsWith(`${below}/`) && !path.endsWith(".d.ts") && path.endsWith(".ts"),
    );
    const holes = [];
    for (const { one: path, number } of inKeyOrder(files, seed)) {
        if (holes.length >= nHoles) break;
        const random = randomOf(number);
        const text = readFileSync(join(project, path), "utf8");
        if (text.length > MAX_CHARACTERS) continue;
        for (const found of holesIn(linesIn(text), random)) {
            const hole = { kind: "diagnostic", path, languageId: "typescript", ...found };
            const line = found.before.split("\n").length - 1;
            const said = product.diagnosticsText(service.check(path, found), line);
            if (said === "") continue;
            const pieces = await piecesAt(product, { folder: project, hole, said });
            holes.push({ ...hole, repository: basename(resolve(project)), pieces });
            break;
        }
    }
    return holes;
}

function holesIn(lines, random) {
    const restAt = restsOf(lines, random);
    const found = shuffled([...lines.keys()], random).flatMap((at) => restAt(at) ?? []);
    return found.slice(0, MAX_TRIES);
}

/** TypeScript on a project in which one file at a time has another text. */
class Service {
    #service;
    #project;
    #changed = { file: "", text: "", version: 0 };
    /** Paths below the project, in order. */
    files;

    constructor(project) {
        this.#project = resolve(project);
        const { config } = ts.readConfigFile(join(this.#project, "tsconfig.json"), ts.sys.readFile);
        const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, this.#project);
        this.files = fileNames
            .map((file) => relative(this.#project, file).replaceAll("\\", "/"))
            .sort();
        const isChanged = (file) => file === this.#changed.file;
        this.#service = ts.createLanguageService({
            getCompilationSettings: () => options,
            getScriptFileNames: () => fileNames,
            getScriptVersion: (file) => (isChanged(file) ? `${this.#changed.version}` : "0"),
            getScriptSnapshot: (file) => {
                const text = isChanged(file) ? this.#changed.text : ts.sys.readFile(file);
                return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
            },
            getCurrentDirectory: () => this.#project,
            getDefaultLibFileName: ts.getDefaultLibFilePath,
            fileExists: ts.sys.fileExists,
            readFile: ts.sys.readFile,
            readDirectory: ts.sys.readDirectory,
            directoryExists: ts.sys.directoryExists,
            getDirectories: ts.sys.getDirectories,
        });
    }

    /** As an editor has them: hints (suggestions) are not asked for, because the product leaves them out. */
    check(path, { before, after }) {
        const file = join(this.#project, path).replaceAll("\\", "/");
        this.#changed = { file, text: before + after, version: this.#changed.version + 1 };
        const found = [
            ...this.#service.getSyntacticDiagnostics(file),
            ...this.#service.getSemanticDiagnostics(file),
        ];
        return found.map(({ messageText, category, file: source, start = 0 }) => ({
            message: ts.flattenDiagnosticMessageText(messageText, "\n"),
            severity: category === ts.DiagnosticCategory.Error ? 0 : 1,
            range: { start: source.getLineAndCharacterOfPosition(start) },
        }));
    }
}
