/** Code of Python as a console shows it, behind `>>> ` and `... `: the prompts are not part of it, nor is what was printed. Pure. */

const LINE = /^(?:>>>|\.\.\.)(?: (.*))?$/;

/** The code without them; as it is where the file has such lines itself, as in a docstring. */
export function withoutPrompts(
    code: string,
    { lines, languageId }: { lines: readonly string[]; languageId: string },
): string {
    const written = code.split("\n");
    const first = written.find((line) => line.trim() !== "") ?? "";
    const isConsole = languageId === "python" && first.startsWith(">>> ");
    const present = new Set(lines.map((line) => line.trim()));
    const isOwn = (line: string) => line.startsWith(">>> ") && present.has(line.trim());
    if (!isConsole || written.some(isOwn)) return code;
    return written
        .flatMap((line) => {
            const found = LINE.exec(line);
            return found ? [found[1] ?? ""] : line.trim() === "" ? [line] : [];
        })
        .join("\n");
}
