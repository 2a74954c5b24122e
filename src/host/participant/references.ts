/**
 * What a person attached to a question with `#` as text for the model: files, places in files, text. What cannot be shown is said
 * in a sentence: secrets, pictures, folders, what is too large.
 */

import { FileType, Location, Uri, workspace, type Range, type TextDocument } from "vscode";
import { isSecretFile } from "../../completion/gates";
import { fenceFor, type ContextBlock } from "../chat/context";
import { MAX_SOURCE_BYTES } from "../../context/sourceText";
import { blockOf, type CodePlace } from "../slash/place";
import type { Attached } from "../slash/question";

/** A vscode.ChatPromptReference. */
export interface Reference {
    id: string;
    value: unknown;
}

const MAX_REFERENCES = 20;
const MIN_CHARACTERS = 100;

/** Never throws: what cannot be read becomes a note. */
export async function resolve(references: readonly Reference[]): Promise<Attached> {
    const makers: ((room: number) => ContextBlock)[] = [];
    const places: CodePlace[] = [];
    const used: Attached["used"] = [];
    const notes: string[] = [];
    const languages = new Set<string>();
    for (const { value } of references.slice(0, MAX_REFERENCES)) {
        if (typeof value === "string") {
            if (value.trim() !== "") makers.push((room) => textBlock(value, room));
            continue;
        }
        const uri =
            value instanceof Uri ? value : value instanceof Location ? value.uri : undefined;
        if (!uri) {
            notes.push("An attachment that is no text was left out: the model reads only text.");
            continue;
        }
        const opened = await open(uri);
        if (typeof opened === "string") {
            notes.push(opened);
            continue;
        }
        const place = placeIn(opened, value instanceof Location ? value.range : undefined);
        places.push(place);
        languages.add(opened.languageId);
        used.push(value as Uri | Location);
        makers.push((room) => blockOf(place, room));
    }
    if (references.length > MAX_REFERENCES)
        notes.push(`Only the first ${MAX_REFERENCES} attachments were read.`);
    return {
        blocks: (maxCharacters) => blocksIn(makers, maxCharacters),
        place: places.length === 1 ? places[0] : undefined,
        languageId: languages.size === 1 ? [...languages][0] : undefined,
        used,
        notes,
    };
}

function blocksIn(
    makers: readonly ((room: number) => ContextBlock)[],
    maxCharacters: number,
): ContextBlock[] {
    const blocks: ContextBlock[] = [];
    let left = maxCharacters;
    for (const [at, make] of makers.entries()) {
        if (left < MIN_CHARACTERS) break;
        // What one does not need is there for the next.
        const block = make(Math.floor(left / (makers.length - at)));
        left -= block.text.length;
        blocks.push(block);
    }
    return blocks;
}

/** The document, or why it is left out. */
async function open(uri: Uri): Promise<TextDocument | string> {
    const name = uri.path.split("/").at(-1) ?? uri.path;
    if (isSecretFile(uri.path))
        return `\`${name}\` was left out: files of this name hold keys or passwords.`;
    try {
        if (uri.scheme === "file") {
            const { type, size } = await workspace.fs.stat(uri);
            if (type & FileType.Directory)
                return `\`${name}\` is a folder and was left out: attach files of it.`;
            if (size > MAX_SOURCE_BYTES)
                return `\`${name}\` was left out: it is larger than ${MAX_SOURCE_BYTES / 1000} KB.`;
        }
        return await workspace.openTextDocument(uri);
    } catch {
        return `\`${name}\` could not be read as text and was left out.`;
    }
}

function placeIn(document: TextDocument, range: Range | undefined): CodePlace {
    const name = document.uri.path.split("/").at(-1) ?? document.uri.path;
    const whole = { first: 0, last: Math.max(0, document.lineCount - 1) };
    if (!range) return { document, scope: "file", name, range: whole };
    const { start, end } = document.validateRange(range);
    const last = end.character === 0 && end.line > start.line ? end.line - 1 : end.line;
    return { document, scope: "selection", name, range: { first: start.line, last } };
}

function textBlock(text: string, maxCharacters: number): ContextBlock {
    const cut = text.slice(0, maxCharacters);
    const fence = fenceFor(cut);
    const rest = cut.length < text.length ? `, the first ${cut.length} characters` : "";
    return { label: `text${rest}`, text: `Attached text${rest}:\n${fence}\n${cut}\n${fence}` };
}
