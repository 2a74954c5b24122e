/** A text without its keys and tokens, line for line, so that line numbers stay. Pure. */

import { keyBody } from "../prompt/secretForms";
import { holdsSecret } from "./secretText";

const PLACEHOLDER = "[left out: looks like a key or password]";
const KEY_BEGIN = /-----BEGIN [A-Z ]*PRIVATE KEY/;
const KEY_END = /-----END [A-Z ]*PRIVATE KEY/;

export function withoutSecrets(lines: readonly string[]): string[] {
    let isInKey = false;
    // Lines may begin inside of a key.
    const isBody = keyBody(lines);
    return lines.map((line, i) => {
        const begins = KEY_BEGIN.test(line);
        const isSecret = isInKey || begins || isBody[i] === true || holdsSecret(line);
        isInKey = (isInKey || begins) && !KEY_END.test(line);
        return isSecret ? PLACEHOLDER : line;
    });
}
