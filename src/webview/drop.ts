/** Files that are dropped on the chat or pasted into it: addresses from VS Code, texts from outside. Images are refused with a sentence. */

import type { DroppedFile } from "../protocol/webview";

export interface Dropped {
    uris: string[];
    files: DroppedFile[];
}

export interface DropActions {
    drop(dropped: Dropped): void;
    refuse(sentence: string): void;
}

const MAX_BYTES = 200_000;
const MAX_FILES = 20;
const URI_TYPES = ["application/vnd.code.uri-list", "text/uri-list"];

export function acceptDrops(target: HTMLElement, actions: DropActions): void {
    target.addEventListener("dragover", (event) => {
        if (!event.dataTransfer) return;
        // Without this the page would go to the file.
        event.preventDefault();
        event.dataTransfer.dropEffect = "copy";
        target.classList.add("drop-target");
    });
    for (const name of ["dragleave", "dragend", "drop"])
        target.addEventListener(name, () => target.classList.remove("drop-target"));
    target.addEventListener("drop", (event) => {
        event.preventDefault();
        if (event.dataTransfer) void take(event.dataTransfer, actions);
    });
    target.addEventListener("paste", (event) => {
        const files = [...(event.clipboardData?.files ?? [])];
        if (files.length === 0) return;
        // Office programs put a picture beside the text that was copied.
        const isText = event.clipboardData?.getData("text/plain").trim() !== "";
        if (isText && files.every(({ type }) => type.startsWith("image/"))) return;
        event.preventDefault();
        void readFiles(files, actions).then((read) => actions.drop({ uris: [], files: read }));
    });
}

async function take(data: DataTransfer, actions: DropActions): Promise<void> {
    const uris = URI_TYPES.map((type) => urisOf(data.getData(type))).find(
        ({ length }) => length > 0,
    );
    if (uris) return actions.drop({ uris, files: [] });
    const files = await readFiles([...data.files], actions);
    if (files.length > 0) actions.drop({ uris: [], files });
}

/** Lines of a `text/uri-list`. */
export function urisOf(list: string): string[] {
    return list
        .split(/\r?\n/)
        .map((line) => line.trim())
        .filter((line) => line !== "" && !line.startsWith("#"))
        .slice(0, MAX_FILES);
}

async function readFiles(files: readonly File[], actions: DropActions): Promise<DroppedFile[]> {
    const read: DroppedFile[] = [];
    for (const file of files.slice(0, MAX_FILES)) {
        const refusal = refusalOf(file);
        if (refusal !== undefined) {
            actions.refuse(refusal);
            continue;
        }
        const text = await file.text();
        if (text.includes("\0")) actions.refuse(`${file.name} cannot be read as text.`);
        else read.push({ name: file.name, text });
    }
    return read;
}

/** Why a file is not taken, as a sentence; undefined: it is. */
export function refusalOf({
    name,
    type,
    size,
}: Pick<File, "name" | "type" | "size">): string | undefined {
    if (type.startsWith("image/") && type !== "image/svg+xml")
        return `${name || "This"} is an image, and the chat reads text only; paste the text that it shows instead.`;
    if (/^(audio|video|font)\//.test(type)) return `${name} cannot be read as text.`;
    if (size > MAX_BYTES)
        return `${name} is larger than 200 kB; open it and select the lines that matter.`;
    return undefined;
}
