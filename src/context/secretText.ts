/** Text that looks like keys or passwords, wherever it stands: it is never shown to a model. Pure. */

const SECRETS = [
    /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
    /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/,
    /\bgh[pousr]_[A-Za-z0-9]{30,}/,
    /\bgithub_pat_\w{30,}/,
    /\bglpat-[\w-]{18,}/,
    /\bhf_[A-Za-z0-9]{30,}\b/,
    /\bsk-[A-Za-z0-9_-]{24,}/,
    /\bxox[abposr]-[\w-]{10,}/,
    /\bAIza[\w-]{35}/,
    /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/,
];

/** Known forms only: private keys and the tokens that services mark as theirs. */
export function holdsSecret(text: string): boolean {
    return SECRETS.some((form) => form.test(text));
}
