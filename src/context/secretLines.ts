/** A text without its keys and tokens, line for line, so that line numbers stay. Pure. */

import { holdsSecret } from "./secretText";

const PLACEHOLDER = "[left out: looks like a key or password]";
const KEY_BEGIN = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;
const KEY_END = /-----END [A-Z ]*PRIVATE KEY-----/;

export function withoutSecrets(lines: readonly string[]): string[] {
    let isInKey = false;
    return lines.map((line) => {
        const begins = KEY_BEGIN.test(line);
        const isSecret = isInKey || begins || holdsSecret(line);
        isInKey = (isInKey || begins) && !KEY_END.test(line);
        return isSecret ? PLACEHOLDER : line;
    });
}
