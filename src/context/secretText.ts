/** Text that looks like keys or passwords, wherever it stands: it is never shown to a model. Pure. */

import { hasKeyPart } from "../prompt/secretForms";

/** Known forms only: private keys, also parts of them, and the tokens that services mark as theirs. */
export function holdsSecret(text: string): boolean {
    return hasKeyPart(text);
}
