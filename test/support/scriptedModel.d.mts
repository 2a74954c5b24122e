/** Types of scriptedModel.mjs. */

export interface Script {
    /** Text that the last message holds; of several scripts the first counts. "" is every message. */
    when: string;
    role: "user" | "tool";
    /** Pieces, each of them one token; a call's mark `<tool_call>` is one of the vocabulary. */
    says: string[];
}

/** `root`: the tree. `folder`: where the checkpoint goes. `out`: the GGUF file. `edges`: tokens of the vocabulary that follow others anyway. `thinks`: of a model that may think first. */
export function makeScriptedModel(
    root: string,
    folder: string,
    out: string,
    what: { scripts: Script[]; edges?: [string, string][]; thinks?: boolean },
): void;
