/** Which code blocks hold commands for a terminal, by the language they name. */

const SHELLS = new Set([
    ...["bash", "sh", "zsh", "fish", "shell", "console", "shellscript", "shellsession", "terminal"],
    ...["powershell", "pwsh", "ps1", "bat", "cmd"],
]);

export function isShell(language: string): boolean {
    return SHELLS.has(language.toLowerCase());
}
