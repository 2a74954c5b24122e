// Other tools and other questions than those that prompts and the choice of a tool were tried on (cases.mjs): written before, looked at
// afterwards. The tools are named as those of VS Code's own agent are.
import { object, of, text } from "./set.mjs";

export const TOOLS = [
    {
        name: "readFile",
        description:
            "Reads the text of a file, or of some of its lines. Use it before you say anything about a file's contents.",
        parameters: object(
            {
                filePath: text("The path of the file"),
                startLine: { type: "integer", minimum: 1, description: "First line" },
                endLine: { type: "integer", minimum: 1, description: "Last line" },
            },
            ["filePath"],
        ),
    },
    {
        name: "replaceString",
        description:
            "Edits an existing file: replaces one piece of text by another. Not for new files.",
        parameters: object({
            filePath: text("The path of the file to edit"),
            oldString: text("The text to replace"),
            newString: text("The text to put there"),
        }),
    },
    {
        name: "fileSearch",
        description:
            "Finds files by their name or a glob pattern such as **/*.ts. It does not look into the files.",
        parameters: object({ pattern: text("Name or glob pattern") }),
    },
    {
        name: "grepSearch",
        description: "Searches for text inside the files of the workspace, exact or as a regexp.",
        parameters: object({ query: text("What to search for"), isRegexp: { type: "boolean" } }, [
            "query",
        ]),
    },
    {
        name: "listDir",
        description: "Lists the contents of a directory.",
        parameters: object({ path: text("The path of the directory") }),
    },
    {
        name: "createDirectory",
        description: "Creates a new directory, with its parents.",
        parameters: object({ path: text("The path of the directory") }),
    },
    {
        name: "runInTerminal",
        description:
            "Runs a shell command in the terminal and gives its output: builds, package managers, git, scripts.",
        parameters: object({
            command: text("The command"),
            explanation: text("One sentence that says what it does"),
        }),
    },
    {
        name: "fetchWebPage",
        description: "Downloads a web page and gives its main text.",
        parameters: object({ url: text("The address of the page") }),
    },
    {
        name: "getErrors",
        description: "Gives the compile or lint errors of files, as the editor shows them.",
        parameters: object({
            filePaths: { type: "array", items: { type: "string" }, maxItems: 8 },
        }),
    },
    {
        name: "getChangedFiles",
        description: "Gives the diffs of the files that have uncommitted changes.",
        parameters: object({}),
    },
];

export const CASES = [
    ...of(
        "readFile",
        "What does lines 10 to 40 of src/parser/lexer.rs do?",
        "Summarise docs/CONTRIBUTING.md for me.",
        "Have a look at webpack.config.js.",
    ),
    ...of(
        "replaceString",
        "In src/config.ts change the timeout from 30 to 60.",
        "Rename the variable foo to total in cart.py.",
        "Fix the typo 'recieve' in README.md.",
    ),
    ...of(
        "fileSearch",
        "Is there a file called docker-compose.yml somewhere?",
        "Find all files that end in .test.tsx.",
        "Where is the file UserController.java?",
    ),
    ...of(
        "grepSearch",
        "Which code calls the function sendEmail?",
        "Search the code for 'FIXME'.",
        "Where do we use the environment variable DATABASE_URL?",
    ),
    ...of(
        "listDir",
        "What's inside the src/components directory?",
        "Show the contents of the folder packages.",
        "Which files does the migrations folder have?",
    ),
    ...of(
        "createDirectory",
        "Make a folder named assets/images.",
        "Create the directory src/utils.",
        "I need a new empty folder called backup.",
    ),
    ...of(
        "runInTerminal",
        "Build the project with make.",
        "Run python manage.py migrate.",
        "Use yarn to add the package axios.",
    ),
    ...of(
        "fetchWebPage",
        "What does https://example.com/changelog say?",
        "Read the page https://nodejs.org/api/fs.html and summarise it.",
        "Get the contents of http://localhost:3000/health.",
    ),
    ...of(
        "getErrors",
        "Does src/index.ts have any type errors?",
        "Which lint problems are in app.py and models.py?",
        "Why is there a red underline in Button.tsx?",
    ),
    ...of(
        "getChangedFiles",
        "What have I changed since the last commit?",
        "Show me my uncommitted changes.",
        "Review my changes.",
    ),
];

/** Nothing of the workspace is needed: an answer in words is right. */
export const PLAIN = [
    "What is a closure in JavaScript?",
    "Hi, who are you?",
    "What is the difference between a list and a tuple in Python?",
    "Write a haiku about programming.",
    "How do I reverse a string in Go?",
    "Explain what a mutex is.",
    "Thanks, that helped a lot!",
    "What does HTTP status 404 mean?",
    "Which sorting algorithm is stable, quicksort or mergesort?",
    "What is 17 times 3?",
];
