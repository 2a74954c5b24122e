/** What a slash command is: its words, the code it is about, and what its answer is. The commands themselves are in `table.ts`. */

/** What of an editor a command is about. */
export type CodeScope = "selection" | "symbol" | "file";

/** What a command's words are about, as far as it is known. */
export interface Subject {
    /** `the selected code`, `` `total` ``, `` the file `basket.ts` ``. */
    what: string;
    /** Its name alone, when the subject is one symbol. */
    symbol?: string | undefined;
    /** `TypeScript`; undefined when there is no code. */
    language?: string | undefined;
    /** What the compiler says about it, a line each: `line 4: Cannot find name 'totl'.` */
    problems: readonly string[];
    /** The form of a documentation comment: `a JSDoc comment`. */
    docForm: string;
    /** What the project's tests are written with. */
    framework?: string | undefined;
}

export interface SlashCommand<Name extends string = string> {
    /** For a menu, without a final period. */
    description: string;
    /** The code it needs: the first of these that is there. Empty: none. */
    code: readonly CodeScope[];
    /** What goes along with the code, or stands instead of it. */
    also?: "problems" | "diff";
    /** `code`: the answer holds one block that can be put into the editor or a file. */
    answer: "text" | "code";
    /** What that block stands for. */
    place?: "replace" | "above" | "new-file";
    maxTokens: number;
    /** What the model is asked to do. Short sentences, one task, the form of the answer last: small models keep to that. */
    instruction: (subject: Subject) => string;
    /** What one may want next. */
    next: readonly Name[];
}
