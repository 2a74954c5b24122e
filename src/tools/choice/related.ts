/**
 * Words that people use for one another when they ask for something in an editor: who says folder may mean the tool that lists directories.
 * Written down from the vocabulary of editors, shells and version control; a question in other words is left to the model.
 */

const GROUPS = [
    "folder directory dir subfolder",
    "edit change modify replace update fix rename refactor rewrite correct patch",
    "find search grep locate where lookup occurrence usage reference caller mention calls uses imports",
    "run execute",
    "command terminal shell console bash script build compile install npm yarn pip cargo docker",
    "web website webpage page url www site internet online link",
    "error problem diagnostic warning lint squiggle underline complain",
    "read open view content look inspect explain describe summarise summarize",
    "list content inside",
    "create new add make generate scaffold",
    "delete remove erase drop",
    "diff git commit uncommitted unstaged staged modified changes",
    "test spec suite failing coverage",
    "download fetch retrieve",
    "definition defined declaration declared implementation",
].map((group) => group.split(" "));

/** The groups that a word is of, by `isForm`, which tells whether two words are forms of one. */
export function groupsOf(word: string, isForm: (a: string, b: string) => boolean): number[] {
    return GROUPS.flatMap((group, i) => (group.some((other) => isForm(word, other)) ? [i] : []));
}
