/** Context that a person adds to a question, beside the open file and the selection: what it is, and how it becomes text. */

import { AppError } from "../../../base/errors";
import type { ContextKind } from "../../../protocol/webview";
import type { ContextBlock } from "../context";

export interface Attachment {
    /** The same for the same thing: it is added once. */
    id: string;
    kind: ContextKind;
    label: string;
    tooltip: string;
    /** As it is now. Rejects with AppError when there is nothing, or it cannot be shown. */
    resolve(maxCharacters: number): Promise<ContextBlock>;
    /** Only what is looked up by the question. Rejects with AppError. */
    search?: ((question: string, options: LookUpOptions) => Promise<ContextBlock[]>) | undefined;
}

export interface LookUpOptions {
    maxCharacters: number;
    signal: AbortSignal;
    /** What is waited for, as a person reads it. */
    onActivity?: ((text: string) => void) | undefined;
}

/** The error of a source that has nothing to give. */
export function nothing(sentence: string): AppError {
    return new AppError("user/usage", sentence);
}

const IMAGE = /\.(png|jpe?g|gif|webp|bmp|ico|tiff?|avif|heic|svgz)$/i;

export function isImage(path: string): boolean {
    return IMAGE.test(path);
}

/** Images are refused with a way out. */
export function imageRefused(name: string): AppError {
    return nothing(
        `${name} is an image, and the chat reads text only; paste the text that it shows instead`,
    );
}
