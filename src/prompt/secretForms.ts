/**
 * How keys and passwords look that have a form of their own: one list for what is never shown to a model and what a model's answer is
 * cut at. Pure.
 */

const KEYS = [
    /\b(AKIA|ASIA)[A-Z0-9]{16}\b/,
    /\bgh[pousr]_[A-Za-z0-9]{30,}/,
    /\bgithub_pat_[A-Za-z0-9_]{22,}/,
    /\bglpat-[\w-]{18,}/,
    /\bxox[abeoprs]-[\w-]{10,}/,
    /\bsk-(proj-|ant-)?[A-Za-z0-9_-]{20,}/,
    /\b[rs]k_(live|test)_[A-Za-z0-9]{16,}/,
    /\bAIza[\w-]{35}/,
    /\b(hf|npm)_[A-Za-z0-9]{30,}/,
    /\bSG\.[\w-]{16,}\.[\w-]{16,}/,
    /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/,
    /-----BEGIN [A-Z ]*PRIVATE KEY/,
    /\bAccountKey=[A-Za-z0-9+/=]{40,}/,
    /\b[a-z]+:\/\/[^\s:/@"'`$<{]+:[^\s:/@"'`$<{]{6,}@[\w.-]+/,
];
/** The last line of a private key, without its first one when the text begins inside of it. */
const KEY_END = /-----END [A-Z ]*PRIVATE KEY/;
/** PEM bodies have lines of 64 (OpenSSH: 70, PGP: 64, old tools: 76) characters of base64. */
const KEY_BODY = /^[\s"'`+*#/-]*[A-Za-z0-9+/]{60,76}={0,2}[\s"'`,\\n+]*$/;
/** One such line may be a hash, and a line of one kind of character is a ruler. */
const KINDS = [/[a-z]/, /[A-Z]/, /\d/];

/** Whether a text holds a key; with `known`, one of a form that `known` has not. */
export function hasKey(text: string, known = ""): boolean {
    return KEYS.some((form) => form.test(text) && !form.test(known));
}

/** As `hasKey`, also for a part of a private key that was cut out of its middle or its end. */
export function hasKeyPart(text: string): boolean {
    return hasKey(text) || KEY_END.test(text) || keyBody(text.split("\n")).includes(true);
}

/** For each line whether it is one of several in a row that look like a key's body. */
export function keyBody(lines: readonly string[]): boolean[] {
    const isLike = lines.map(
        (line) => KEY_BODY.test(line) && KINDS.every((kind) => kind.test(line)),
    );
    return isLike.map((is, i) => is && (isLike[i - 1] === true || isLike[i + 1] === true));
}
