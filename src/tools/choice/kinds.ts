/**
 * The kinds of things that people ask a coding agent for, as a table: what a tool of a kind is called, and what a question for it says. Written down from
 * what agents' tools are called and from how people ask; the sets of bench/tools/ but the last were in sight. Pure data.
 */

/** How sure a question's words are: 1 to 4. */
export type Cue = readonly [weight: number, pattern: RegExp];

interface Kind {
    /** Words of a tool's name. */
    tool: RegExp;
    /** In a question as `shapeOf` gives it. */
    cues: readonly Cue[];
}

/** Verbs. */
export const CHANGE =
    "change|set|replace|rename|fix|update|remove|delete|drop|add|insert|(?:un)?comment(?: out)?|swap|bump|move|refactor|increase|decrease|raise|lower|make|turn|convert|use|rewrite|put|append|prepend|correct|edit|modify|adjust|extend";
/** What stands in front of an order. */
const POLITE =
    "^(?:\\W*(?:pls|plz|please|kindly|hey|hi|hello|ok|okay|now|then|and|also|next|can|could|would|will|you|i want (?:you )?to|i(?:'d| would) like (?:you )?to|i need (?:you )?to|let's|go ahead and|just)\\b)*\\W*";

/** In the order in which a tool's name is looked at: the first that fits is its kind. */
export const KINDS = {
    changes: {
        tool: /\b(?:changes|changed|diffs?|scm|staged|git status)\b/,
        cues: [
            [
                4,
                /\b(?:uncommitted|unstaged|staged|stage)\b|\bcommit (?:message|msg)\b|\bnot (?:been )?committed\b/,
            ],
            [
                4,
                /\b(?:i|we|i've|we've) (?:\w+ ){0,3}(?:changed?|modif\w+|edited|touched|altered)\b/,
            ],
            [
                3,
                /\bsince (?:my|the|our) last commit\b|\bdiff\b|\b(?:my|our) (?:\w+ )?(?:changes|edits|work)\b|\bbefore i (?:push|commit|open)\b/,
            ],
        ],
    },
    tests: {
        tool: /\btests?\b/,
        cues: [
            [
                4,
                /\b(?:tests?|specs?|suites?)\b.*\b(?:pass\w*|fail\w*|green|red|broken?|break|ok|work)\b/,
            ],
            [
                4,
                /\b(?:re-?run|run|execute|check|break|broke|start|fail\w*|pass\w*|does|do)\b.*\b(?:tests?|specs?|suites?)\b/,
            ],
            [1, /\b(?:tests?|specs?|suites?)\b/],
        ],
    },
    problems: {
        tool: /\b(?:errors?|problems?|diagnostics?|lint\w*|warnings?)\b/,
        cues: [
            [
                4,
                /\b(?:compile|compiler|compilation|type|lint\w*|syntax|build) (?:errors?|warnings?|problems?|issues?)\b|\bsquiggl\w*|\bunderlin\w*|\b(?:problems|errors) panel\b|\bdiagnostics?\b/,
            ],
            [
                3,
                /\b(?:errors?(?! (?:message|code|text|string|page|handling))|warnings?|problems)\b/,
            ],
            [
                3,
                /\b(?:in|is|are|turned|turns|shows?(?: up)?) (?:all )?red\b|\bcompil(?:er|es?)\b|\blint\w*|\bcomplain\w*|\bunhappy\b|\btype-?checks?\b/,
            ],
        ],
    },
    usages: {
        tool: /\b(?:usages?|references?|callers?|implementations?)\b/,
        cues: [
            [
                4,
                /\b(?:usages?|references?|callers?|call sites?|implementations?|implementors?|subclasses)\b/,
            ],
            [
                4,
                /\b(?:who|what|which \w+|where(?: \w+)?)\b.*\b(?:calls?|called|uses?|used|implements?|implemented|extends?|overrides?|instantiated?)\b/,
            ],
        ],
    },
    preview: {
        tool: /\b(?:preview|browser)\b/,
        cues: [
            [4, /\bpreview\b|\bin (?:the |my |a )?browser\b/],
            [3, /\blooks? like\b|\bpull (?:it|this|that) up\b|\blocalhost\b|\bserved\b/],
        ],
    },
    docs: {
        tool: /\b(?:docs|documentation)\b/,
        cues: [
            [4, /\b(?:docs|documentation|api reference)\b/],
            [3, /\blook(?:ing)? up\b|\bofficial(?:ly)?\b|\bup[- ]to[- ]date\b/],
        ],
    },
    web: {
        tool: /\b(?:fetch|web|webpage|url|page|http|browse\w*|internet|online)\b/,
        cues: [
            [4, /\bADDRESS\b/],
            [2, /\b(?:online|web ?(?:site|page)|internet)\b/],
        ],
    },
    memory: {
        tool: /\b(?:memory|memories|remember|memori[sz]e)\b/,
        cues: [
            [
                4,
                /\bremember (?:that|this|to|my|our|we)\b|\bfrom now on\b|\b(?:keep|bear)(?: \w+)? in mind\b|\b(?:don't|dont|do not|never) forget\b/,
            ],
            [
                3,
                /\b(?:future|later|next) (?:sessions?|conversations?|time|chats?)\b|\bnote (?:that|for|down)\b|\b(?:always|never)\b.*\bin (?:this|our) (?:project|repo|code ?base)\b/,
            ],
        ],
    },
    plan: {
        tool: /\btodos?\b|\bplan\b/,
        cues: [
            [
                4,
                /\b(?:to-?do|task)s? list\b|\b(?:make|write|track|update) (?:\w+ ){0,2}plan\b|\bbreak (?:\w+ ){1,3}down\b/,
            ],
        ],
    },
    ask: { tool: /\bask\b/, cues: [[4, /\bask me\b/]] },
    rename: { tool: /\brename\b/, cues: [[4, /\brename\b|\bcall (?:it|this|that)\b/]] },
    definition: {
        tool: /\bdefinitions?\b/,
        cues: [[4, /\bdefinitions?\b|\b(?:defined|declared)\b|\bdeclaration\b/]],
    },
    makeFolder: {
        tool: /\b(?:create|make|new|add)\b.*\b(?:dir|directory|folder)\b|\bmkdir\b/,
        cues: [[4, /\b(?:create|make|add|need|want|new)\b(?: \w+){0,4} (?:folder|directory)\b/]],
    },
    list: {
        tool: /\blist\b.*\b(?:dir|directory|folder|files?)\b|\b(?:dir|directory|folder|tree)\b|^ls$/,
        cues: [
            [
                3,
                /\b(?:files?|what|what's|anything|list|contents?|inside|how many|which|show|see)\b.*\b(?:FOLDER|folders?|director(?:y|ies)|subfolders?)\b/,
            ],
            [
                3,
                /\boverview\b|\btop[- ]level\b|\b(?:project|folder|directory|repo) (?:structure|layout)\b/,
            ],
            [2, /\bFOLDER\b/],
        ],
    },
    findFile: {
        tool: /\b(?:file search|find files?|search files|glob|locate)\b/,
        cues: [
            [
                4,
                /\bfiles? (?:called|named|ending|that (?:end|start|begin|are called)|with (?:the )?(?:extension|ending|name)|matching)\b/,
            ],
            [4, /\bwhere(?:'s| is| are| did)\b.*\b(?:file\b.*\bFILE|FILE)/],
            [3, /\bGLOB\b|\bis there an?\b.*\bFILE\b/],
        ],
    },
    create: {
        tool: /\b(?:create|new|write|make|add)\b.*\bfile\b|^create$/,
        cues: [
            [
                4,
                /\b(?:there (?:is|are) (?:none|no)\b|there(?:'s| is)n't (?:one|any)|there's (?:none|no)\b|(?:don't|doesn't|do not) (?:have|exist)|none (?:in|yet))/,
            ],
            [
                4,
                new RegExp(
                    `${POLITE}(?:create|make|start|write|generate|scaffold|set (?:me |us )?up)\\b(?!.*\\b(?:to|into|of|in) (?:the )?FILE)(?: [\\w-]+){0,8} FILE\\b|${POLITE}add an? (?:\\w+ )?FILE\\b`,
                ),
            ],
            [
                4,
                /\b(?:create|generate|scaffold)\b(?!.*\b(?:branch|commit|pull request|tag|folder|directory|database|environment|venv)\b).*\b(?:FILE|files?|scripts?|components?|class|modules?|pages?|tests?|workflow|config\w*|endpoint|project)\b/,
            ],
            [
                2,
                /\b(?:create|generate|scaffold)\b(?!.*\b(?:branch|commit|pull request|tag|folder|directory)\b)/,
            ],
            [
                3,
                /\b(?:new|empty|blank)(?: \w+){0,4} (?:FILE|files?|script|component|module|class|page)\b/,
            ],
            [
                3,
                /\b(?:make|write|add|need|want|set (?:\w+ )?up)\b(?: me)? (?:an? )?(?:\w+ ){0,2}(?:file|script|component|FILE)\b(?! to\b)/,
            ],
        ],
    },
    delete: {
        tool: /\b(?:delete|remove|erase|trash)\b/,
        cues: [
            [
                4,
                new RegExp(
                    `${POLITE}(?:delete|remove|erase|drop|get rid of|throw (?:out|away)|trash)\\b(?: \\w+){0,3} (?:FILE|FOLDER)\\W*$`,
                ),
            ],
            [4, /\b(?:FILE|FOLDER|file)\b.*\b(?:delete|remove|erase|drop|get rid of) it\b/],
            [2, /\b(?:delete|erase)\b/],
        ],
    },
    edit: {
        tool: /\b(?:edit|replace|patch|apply|insert|modify|update|change|write)\b/,
        cues: [
            [4, new RegExp(`${POLITE}(?:${CHANGE})\\b.*\\bFILE\\b`)],
            [4, new RegExp(`^\\W*(?:in|inside|at|on) FILE\\b.*\\b(?:${CHANGE})\\b`)],
            [
                3,
                /\bFILE\b.*\b(?:should (?:be|say|read|return)|(?:has|have|needs?|ought) to (?:be|become|say|read|return)|instead of|(?:make|set|turn) (?:it|that|this)|(?:update|change|fix|correct|replace) (?:it|that|this))\b/,
            ],
            [2, new RegExp(`${POLITE}(?:${CHANGE})\\b`)],
            [2, /\btypo\b/],
        ],
    },
    search: {
        tool: /\b(?:search|grep|find|codebase)\b/,
        cues: [
            [
                4,
                /\b(?:find(?! out)|search|grep|look(?:ing)? for|locate|where|track (?:it|this|that)? ?down)\b.*\b(?:QUOTE|NAME|texts?|strings?|words?|todos?|fixmes?|phrase|regex)/,
            ],
            [
                4,
                /\b(?:QUOTE|NAME|todos?|fixmes?|texts?|strings?|words?|code)\b.*\b(?:find|search|grep|locate|where|track (?:it|this|that) down)\b/,
            ],
            [
                3,
                /\b(?:anywhere|everywhere|(?:any|all|the|every) places?|occurrences?|hard-?coded|(?:in|of) (?:our|the|this|my) (?:code|code ?base|sources?)|which part|comes? from)\b/,
            ],
            [
                3,
                /\b(?:which|what|all(?: the)?|any|find) (?:\w+ )?files?\b.*\b(?:contains?|imports?|uses?|mentions?|calls?|have|has|includes?|references?)\b/,
            ],
            [3, /\b(?:todos?|fixmes?)\b/],
            [2, /\b(?:find(?! out)|search|grep|where|look for)\b/],
        ],
    },
    command: {
        tool: /\b(?:terminal|command|shell|bash|exec\w*)\b/,
        cues: [
            [
                4,
                /\b(?:branch|tag|stash|remote)\b.*\b(?:off|switch|check ?out|merge|delete|create)\b|\b(?:create|switch|delete|merge|check ?out|rebase)\b(?: \w+){0,3} (?:branch|tag|stash|remote)\b/,
            ],
            [
                3,
                /(?<!\bthat (?:\w+ ){1,2})\b(?:npm|yarn|pnpm|pip|cargo|docker|kubectl|gradle|mvn|brew|apt|make (?:\w+ )?target|cmake|sudo|shell|terminal|in bash)\b/,
            ],
            [
                4,
                /\bgit (?!diff|history)\w+|\bbranch (?:called|named|off)\b|\bdisk space\b|\b(?:install|uninstall|upgrade|reinstall)\b|\b(?:on|of) (?:this|my) (?:machine|computer|laptop|system)\b/,
            ],
            [
                3,
                new RegExp(
                    `${POLITE}(?:run|execute|start(?! an?\\b)|launch|restart|stop|kill|build|compile|deploy|push|pull|check ?out|switch|commit)\\b`,
                ),
            ],
            [
                3,
                /\b(?:dev )?server\b.*\b(?:start|run)|\b(?:which|what) (?:[\w.-]+ ){0,2}version\b(?!.*FILE)|\bport \d+/,
            ],
        ],
    },
    read: {
        tool: /\b(?:read|view|open|cat|show)\b|\bget file\b|\bfile contents?\b/,
        cues: [
            [
                4,
                /\b(?:read|open|view|summari[sz]e|walk (?:me|us) through|explain|describe|look (?:at|into|inside|through))\b.*\bFILE\b/,
            ],
            [4, /\blines? \d+/],
            [3, /\b(?:show|see|what|what's|whats|which|how|tell|does|check|why)\b.*\bFILE\b/],
            [2, /\bFILE\b/],
        ],
    },
} as const satisfies Record<string, Kind>;

export type KindName = keyof typeof KINDS;

/** Where there is no tool of a kind, one of another does. */
export const INSTEAD: Partial<Record<KindName, KindName>> = {
    usages: "search",
    findFile: "search",
    makeFolder: "command",
    delete: "command",
    tests: "command",
    changes: "command",
    list: "command",
    problems: "command",
    definition: "search",
    preview: "web",
    docs: "web",
    rename: "edit",
};

/** What tools' names begin with to say whose they are. */
export const VENDOR = /^(?:vscode|copilot|ingot|mcp|builtin|editor|ide) /;

/** Words in the names of tools that say no more than the kind. */
export const USUAL_WORDS: ReadonlySet<string> = new Set(
    (
        "a an the in into on of for from to by with get read view open show cat file files content contents text string " +
        "edit replace insert apply patch modify update change write create new make add delete remove erase directory directories dir folder folders list tree ls " +
        "search find grep glob code codebase workspace project repo repository usages usage references reference callers symbol symbols definition definitions " +
        "go rename run execute exec terminal command commands shell bash test tests suite unit errors error problems problem diagnostics lint warnings changes " +
        "changed diff git status scm fetch web webpage page url website browser preview simple docs documentation library package memory save remember todo todos " +
        "manage plan ask user question questions tool multi pattern regex regexp name names"
    ).split(" "),
);
