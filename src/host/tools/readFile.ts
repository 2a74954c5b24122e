/** The tool that reads lines of a file, with their numbers. */

import type { SourceFiles } from "../context/sourceFiles";
import type { READ_INPUT } from "./schemas";
import { withoutSecrets } from "../../context/secretLines";
import { numbered, type Said } from "./texts";
import type { InputOf } from "./validate";
import { findPath, readAllowed, relativeTo } from "./workspaceFiles";

export async function readFile(
    { path, startLine = 1, endLine }: InputOf<typeof READ_INPUT>,
    files: Pick<SourceFiles, "read" | "mayShow">,
): Promise<Said> {
    const found = await findPath(path);
    const { lines } = await readAllowed(found, files);
    return numbered(relativeTo(found.uri), withoutSecrets(lines), { startLine, endLine });
}
