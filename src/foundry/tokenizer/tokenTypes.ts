/** GGUF token types, and the rule by which llama.cpp's converter takes an added token for a control token. */

export const TOKEN_TYPE = {
    normal: 1,
    unknown: 2,
    control: 3,
    userDefined: 4,
    unused: 5,
    byte: 6,
} as const;

const SPECIAL_TEXTS = new Set(["<pad>", "<mask>", "<2mass>", "[@BOS@]"]);

/** Some models leave control tokens unmarked (command-r, deepseek-coder, gemma); their text gives them away. */
export function looksSpecial(text: string): boolean {
    return (
        SPECIAL_TEXTS.has(text) ||
        (text.startsWith("<|") && text.endsWith("|>")) ||
        (text.startsWith("<｜") && text.endsWith("｜>")) ||
        (text.startsWith("<unused") && text.endsWith(">"))
    );
}

/** SentencePiece's visible space becomes a space in user-defined tokens. */
export function plainSpaces(text: string): string {
    return text.replaceAll("\u2581", " ");
}
