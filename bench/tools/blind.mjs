// A held-out set: ten tools of a coding agent in an editor, fifty questions with the one tool to call first, ten that need none.
import { object, of, text } from "./set.mjs";

const number = (description) => ({ type: "number", description });
const flag = (description) => ({ type: "boolean", description });
const texts = (description) => ({ type: "array", items: { type: "string" }, description });

export const TOOLS = [
    {
        name: "view_file",
        description:
            "View the contents of a file in the workspace. Give a line range to see only part of a large file.",
        parameters: object(
            {
                filePath: text("Path of the file, relative to the workspace root"),
                startLine: number("First line to return, 1-based"),
                endLine: number("Last line to return, inclusive"),
            },
            ["filePath"],
        ),
    },
    {
        name: "replace_in_file",
        description:
            "Edit an existing file by replacing one exact string with another. Use it for any change to code that is already there.",
        parameters: object({
            filePath: text("Path of the file to edit"),
            oldString: text("The exact text to replace, with enough context to be unique"),
            newString: text("The text to put in its place"),
        }),
    },
    {
        name: "write_new_file",
        description:
            "Create a new file in the workspace with the specified content. Missing parent folders are created; never use it on a file that already exists.",
        parameters: object({
            filePath: text("Path of the file to create"),
            content: text("The full content of the file"),
        }),
    },
    {
        name: "grep_workspace",
        description:
            "Do a fast text or regular-expression search over all files in the workspace. Returns matching lines with their file and line number.",
        parameters: object(
            {
                query: text("The text or pattern to search for"),
                isRegexp: flag("Whether the query is a regular expression"),
                includePattern: text("Glob of the files to search, such as src/**/*.ts"),
            },
            ["query"],
        ),
    },
    {
        name: "list_dir",
        description:
            "List the contents of a directory. Names that end in a slash are folders, the others are files.",
        parameters: object({ path: text("Path of the directory to list") }),
    },
    {
        name: "run_in_terminal",
        description:
            "Run a shell command in the integrated terminal and return its output. Use it to install packages, build the project, or start scripts and servers.",
        parameters: object(
            {
                command: text("The command line to run"),
                explanation: text("One sentence on what the command does, shown to the user"),
                isBackground: flag("Whether the command keeps running, as a server does"),
            },
            ["command", "explanation"],
        ),
    },
    {
        name: "run_tests",
        description:
            "Run the unit tests of the workspace with the editor's test runner and report which passed and which failed. Can be limited to certain files or test names.",
        parameters: object(
            {
                files: texts("Test files to run; leave out to run all of them"),
                testNames: texts("Names of single tests or suites to run"),
            },
            [],
        ),
    },
    {
        name: "get_diagnostics",
        description:
            "Get the compile errors, type errors and lint warnings that the editor's Problems panel shows. Can be limited to some files.",
        parameters: object(
            { filePaths: texts("Files to check; leave out for the whole workspace") },
            [],
        ),
    },
    {
        name: "fetch_url",
        description:
            "Fetch a web page from the internet and return its main content as markdown. Use it when the user gives a URL or points to something online.",
        parameters: object(
            {
                url: text("The address of the page"),
                maxLength: number("The most characters to return"),
            },
            ["url"],
        ),
    },
    {
        name: "git_changes",
        description:
            "Get the diffs of the changed files in the git repository. Shows staged and unstaged changes that have not been committed yet.",
        parameters: object(
            {
                repositoryPath: text("Path of the repository; leave out for the open one"),
                state: {
                    type: "string",
                    enum: ["staged", "unstaged", "all"],
                    description: "Which changes to return",
                },
            },
            [],
        ),
    },
];

export const CASES = [
    ...of(
        "view_file",
        "What's in package.json?",
        "Can you walk me through how src/auth/session.ts works?",
        "show lines 120 to 180 of server/router.go",
        "Which port does docker-compose.yml map for the db service?",
        "I inherited this project and I don't really get lib/scheduler.py. Could you take a look at it and summarize what the main class does?",
    ),
    ...of(
        "replace_in_file",
        "In src/config.ts change `const TIMEOUT = 3000;` to `const TIMEOUT = 10000;`.",
        'fix the typo in README.md, it says "recieve" and should say "receive"',
        "In utils/date.py the line `return fmt(d)` has to become `return fmt(d, tz)`, please update it.",
        "The heading in index.html is `<h1>Welcom</h1>`. Make it `<h1>Welcome back</h1>`.",
        "Swap `var retries = 0` for `let retries = 0` in client/http.js, I'd like to get rid of var there.",
    ),
    ...of(
        "write_new_file",
        "Create a .gitignore that excludes node_modules and dist.",
        "I need a new React component Spinner in src/components/Spinner.tsx that just renders a div with the class spinner.",
        "Add a LICENSE file with the MIT text, we don't have one yet.",
        "could you set me up with a minimal Dockerfile for a node 20 app? there is none in the repo so far",
        "Make a file called notes/todo.md with three empty checkboxes.",
    ),
    ...of(
        "grep_workspace",
        "Where is calculateDiscount called?",
        "Find every TODO in the code base.",
        "which files still import lodash?",
        'Users get the message "Invalid session token" when they log in. Where in our code does that come from?',
        "Are there any places left that use the old API_BASE_URL variable?",
    ),
    ...of(
        "list_dir",
        "What files are in the src/components folder?",
        "list the migrations directory",
        "Is there anything inside public/assets?",
        "Give me an overview of what's at the top level of this project.",
        "How many subfolders does packages/ have and what are they called?",
    ),
    ...of(
        "run_in_terminal",
        "Install axios.",
        "Start the dev server with npm run dev.",
        "build the project with cargo in release mode",
        "Which version of node do I have on this machine?",
        "Something is hogging port 3000 on my laptop, can you find out which process it is?",
    ),
    ...of(
        "run_tests",
        "Run all the tests.",
        "Does tests/cart.test.ts pass?",
        "I just refactored the parser. Check that the unit tests are still green please.",
        "rerun only the suite called UserService",
        "How many of our specs are failing at the moment?",
    ),
    ...of(
        "get_diagnostics",
        "Are there any errors in src/index.ts?",
        "Why is there a red squiggle in app/models/user.ts?",
        "what does the problems panel say",
        "List all lint warnings in the workspace.",
        "I see a little 7 next to the file name api.ts in the explorer, which means TypeScript isn't happy with it. What is it complaining about?",
    ),
    ...of(
        "fetch_url",
        "Summarize https://react.dev/blog/2024/12/05/react-19 for me.",
        "What does the page at https://expressjs.com/en/guide/error-handling.html say about async handlers?",
        "Here's the bug report: https://github.com/acme/widgets/issues/412 - what is it about?",
        "read the docs at https://docs.stripe.com/webhooks and tell me how signatures are verified",
        "Look up the current release notes on https://code.visualstudio.com/updates please",
    ),
    ...of(
        "git_changes",
        "What have I changed since my last commit?",
        "Write a commit message for my staged changes.",
        "show me the diff",
        "Please review my uncommitted work before I push it.",
        "I've been hacking on this all afternoon and lost track. Which files did I modify, and how?",
    ),
];

export const PLAIN = [
    "Hi there, who are you?",
    "What is the difference between let and const in JavaScript?",
    "Explain what a closure is in two sentences.",
    "thanks, that was helpful!",
    "When would I use a hash map instead of an array?",
    "What does HTTP status 418 mean?",
    "Give me an example of a Python list comprehension.",
    "Is TypeScript a compiled language?",
    "What are the pros and cons of microservices?",
    "How does a mutex differ from a semaphore?",
];
