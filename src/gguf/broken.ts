/** The one way a GGUF file is refused: a sentence a person understands, with names from the file made safe to show. */

import { AppError } from "../base/errors";

/** `why` may end with its own advice, after a semicolon; otherwise the usual one follows. */
export function broken(why: string): AppError {
    const advice = why.includes("; ") ? "" : "; download it again or choose another model";
    return new AppError("data/gguf", `${NAMELESS} is not a usable GGUF model: ${why}${advice}`);
}

const NAMELESS = "The file";

/** Runs what may refuse a file, and says which one it is: here no names are known, and a person may have given several. */
export async function namingFile<T>(name: string, work: () => T | Promise<T>): Promise<T> {
    try {
        return await work();
    } catch (error) {
        if (!(error instanceof AppError) || !error.message.startsWith(`${NAMELESS} is not`))
            throw error;
        const { code, message, detail } = error;
        const named = `${NAMELESS} ${quote(name)}${message.slice(NAMELESS.length)}`;
        throw new AppError(code, named, {
            cause: error,
            ...(detail === undefined ? {} : { detail }),
        });
    }
}

/** A name from the file, made safe to show. */
export function quote(name: string): string {
    // eslint-disable-next-line no-control-regex -- names come from a file and may hold anything
    const clean = name.replace(/[\u0000-\u001f\u007f-\u009f]/g, "?");
    return clean.length > 80 ? `${clean.slice(0, 77)}...` : clean;
}
