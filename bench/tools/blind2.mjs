// A second held-out set: ten tools as an editor extension could ship them, fifty questions with the one tool
// to call first, fifteen plain ones that need none. Written by somebody who had seen neither how the tool is
// chosen nor the other sets (of blind.mjs only the form was taken); do not tune anything to it.
import { object, of, text } from "./set.mjs";

const number = (description) => ({ type: "number", description });
const flag = (description) => ({ type: "boolean", description });
const texts = (description) => ({ type: "array", items: { type: "string" }, description });

export const TOOLS = [
    {
        name: "readFile",
        description:
            "Reads a file from the workspace and returns its text with line numbers. For long files, pass an offset and a limit.",
        parameters: object(
            {
                path: text("Workspace-relative path of the file"),
                offset: number("Line to start at, counted from 1"),
                limit: number("Maximum number of lines to return"),
            },
            ["path"],
        ),
    },
    {
        name: "textSearch",
        description:
            "Searches the text of all workspace files for a literal string or regular expression. Results contain the path, the line number and a short preview.",
        parameters: object(
            {
                pattern: text("String or regular expression to look for"),
                isRegex: flag("Treat the pattern as a regular expression"),
                include: text("Glob pattern that limits which files are searched"),
                maxResults: number("Maximum number of matches to return"),
            },
            ["pattern"],
        ),
    },
    {
        name: "findUsages",
        description:
            "Uses the language server to find the references, implementations and callers of a function, class, method, type or variable. Prefer it over a text search when you are interested in a symbol.",
        parameters: object(
            {
                symbolName: text("Name of the symbol, such as a function, class or method"),
                filePaths: texts("Files that are likely to contain the definition of the symbol"),
            },
            ["symbolName"],
        ),
    },
    {
        name: "editFile",
        description:
            "Applies a code change to an existing file. Describe the change briefly and supply the new code; unchanged regions can be abbreviated with a `...existing code...` comment.",
        parameters: object({
            path: text("Workspace-relative path of the file to change"),
            explanation: text("A short description of the edit"),
            code: text("The changed code"),
        }),
    },
    {
        name: "createFile",
        description:
            "Creates a file that does not exist yet and writes the given content to it. Directories along the path are created automatically.",
        parameters: object({
            path: text("Workspace-relative path of the new file"),
            content: text("Content to write to the file"),
        }),
    },
    {
        name: "runCommand",
        description:
            "Executes a command in a persistent terminal session and returns its output and exit code. The user is asked for permission before the command runs.",
        parameters: object(
            {
                command: text("The shell command to execute"),
                cwd: text("Working directory, defaults to the workspace root"),
                timeoutMs: number("Time in milliseconds after which the command is stopped"),
            },
            ["command"],
        ),
    },
    {
        name: "runTests",
        description:
            "Runs tests through the Test Explorer and returns the results, including failure messages and stack traces. Runs the entire suite when no files are given.",
        parameters: object(
            {
                files: texts("Paths of the test files to run"),
                testNames: texts("Names of individual test cases or suites"),
                coverage: flag("Whether to collect coverage"),
            },
            [],
        ),
    },
    {
        name: "getProblems",
        description:
            "Retrieves the errors and warnings currently reported by the compiler, language servers and linters for the given files or for the entire workspace.",
        parameters: object(
            {
                paths: texts("Files to get problems for, all files if omitted"),
                severity: {
                    type: "string",
                    enum: ["error", "warning", "all"],
                    description: "Which severity to include",
                },
            },
            [],
        ),
    },
    {
        name: "getChangedFiles",
        description:
            "Returns the files with pending source control changes together with their git diffs. Covers staged, unstaged and untracked files.",
        parameters: object(
            {
                repositoryPath: text("Root of the git repository, defaults to the active one"),
                stagedOnly: flag("Only return changes that have been staged"),
            },
            [],
        ),
    },
    {
        name: "fetchWebPage",
        description:
            "Downloads the page behind a URL and extracts its readable content. Useful for documentation, issues, articles and other online resources.",
        parameters: object(
            {
                url: text("URL of the page"),
                query: text("What to look for on the page"),
            },
            ["url"],
        ),
    },
];

export const CASES = [
    ...of(
        "readFile",
        "open src/server/index.ts and tell me which middlewares are registered there",
        "whats the default page size in config/pagination.yml",
        "Explain the parseHeaders function in internal/http/headers.go",
        "Hi! I'm new to this repo, could you please have a look at CONTRIBUTING.md and tell me how I'm supposed to name my branches?",
        "can you check lines 40-95 of app/services/invoice_builder.rb, i have a feeling the rounding is off",
    ),
    ...of(
        "textSearch",
        'we log "connection pool exhausted" somewhere, find the place pls',
        "Is there still a hardcoded localhost:8080 anywhere in the project?",
        "search for FIXME comments",
        "find all the files under src/styles that contain the colour #ff6600",
        "A customer sent me a screenshot with the error code E-4711-B on it. I have no idea which part of our code prints that, can you track it down?",
    ),
    ...of(
        "findUsages",
        "who calls UserRepository.findByEmail?",
        "all references to the OrderStatus enum please",
        "I want to change the signature of formatCurrency in src/utils/money.ts. Which callers would I have to touch?",
        "what classes implement the PaymentProvider interface",
        "is the method _legacy_sync still used by anything or can i delete it",
    ),
    ...of(
        "editFile",
        "in src/api/client.ts set MAX_RETRIES to 5 instead of 3",
        "pls add `import os` at the top of scripts/deploy.py",
        "Remove the line console.log(user) from src/pages/Profile.vue",
        "please change the version in pyproject.toml to 2.4.0",
        "comment out the call to sendWelcomeMail() in handlers/signup.go, it spams me while i'm testing",
        "src/views/Login.jsx still has <button>Sign In</button> but marketing wants it to read Log in now. Can you update that?",
    ),
    ...of(
        "createFile",
        "make a new file src/hooks/useDebounce.ts with a debounce hook",
        "we don't have an .editorconfig, add one. 2 spaces, lf line endings",
        "Could you please create a GitHub workflow at .github/workflows/ci.yml that runs npm ci and npm test on every push? There isn't one yet.",
        "i need an empty __init__.py in app/plugins",
    ),
    ...of(
        "runCommand",
        "npm install",
        "install zod as a dependency",
        "create a branch called feature/export-csv and switch to it",
        "spin up the containers with docker compose up -d",
        "how much disk space does node_modules take up?",
        "Run the database migrations (python manage.py migrate) and let me know if something goes wrong.",
    ),
    ...of(
        "runTests",
        "run the test suite again and tell me whats red",
        "just changed applyVoucher, did i break any tests?",
        "Please run only the test 'rejects expired tokens' in auth.spec.ts.",
        "can you execute tests/test_parser.py",
        "Do the unit tests for the billing module pass right now?",
    ),
    ...of(
        "getProblems",
        "any type errors left in the project?",
        "vs code underlines something in src/store/cart.ts, what's wrong there?",
        "eslint is complaining about components/Table.tsx, which warnings are those",
        "how many errors and warnings do i have open atm",
        "Since my last edit main.rs shows up in red in the file tree. Could you tell me what the compiler has against it?",
    ),
    ...of(
        "getChangedFiles",
        "summarize my uncommitted changes",
        "what did i stage so far",
        "suggest a commit msg for what i've got here",
        "Before I open the pull request, can you go over everything I've modified but not committed yet and look for leftover debug code?",
    ),
    ...of(
        "fetchWebPage",
        "https://vite.dev/guide/migration what are the breaking changes",
        "can you read this and tell me which versions are affected: https://nvd.nist.gov/vuln/detail/CVE-2021-44228",
        "What's new according to https://go.dev/doc/go1.22?",
        "please get me the example request from docs.github.com/en/rest/issues/issues",
        "someone posted a solution here https://stackoverflow.com/questions/11227809 whats the top answer",
    ),
];

export const PLAIN = [
    "whats the difference between git rebase and git merge",
    "hey, how's it going?",
    "write a js function that checks if a string is a palindrome",
    "Can you explain async/await like I'm a beginner?",
    "how do i center a div",
    "What does O(n log n) mean?",
    "regex for an iso date like 2024-05-01?",
    "In Python, when should I use a tuple instead of a list?",
    "ok great, thanks a lot",
    "Which programming languages can you help me with?",
    "sql query to get the second highest salary from a table employees",
    "what usually causes a segmentation fault in c",
    "Is it bad practice to use any in TypeScript?",
    "tell me a programming joke",
    "What's the purpose of dependency injection? I keep reading about it but never really got it.",
];
