// An unseen test set: which tool does a small local code model (0.5B) pick first
// in a coding assistant inside VS Code? 12 tools, 50 questions, 15 plain ones.
// Written by somebody who had seen neither the choice nor the other sets;
// nothing is to be tuned to it.
import { object, of, text } from "./set.mjs";

export const TOOLS = [
    {
        name: "readFile",
        description:
            "Reads the contents of a file in the workspace. Pass a line range to get only part of a long file.",
        parameters: object(
            {
                path: text("Path of the file, relative to the workspace root"),
                lines: text("Optional line range such as 10-60"),
            },
            ["path"],
        ),
    },
    {
        name: "editFile",
        description:
            "Changes an existing file by replacing a piece of its text with new text. The old text must match exactly and occur only once in the file.",
        parameters: object({
            path: text("Path of the file to change"),
            oldText: text("The exact text to be replaced"),
            newText: text("The text to put in its place"),
        }),
    },
    {
        name: "createFile",
        description:
            "Creates a new file with the given content. Missing parent folders are created too. Fails if the file already exists.",
        parameters: object({
            path: text("Path of the new file"),
            content: text("Full content of the new file"),
        }),
    },
    {
        name: "searchText",
        description:
            "Searches the contents of all files in the workspace for a string or regular expression and returns the matching lines with file and line number.",
        parameters: object(
            {
                query: text("The string or regular expression to search for"),
                include: text("Optional glob that limits the files searched, e.g. src/**/*.ts"),
            },
            ["query"],
        ),
    },
    {
        name: "findFiles",
        description:
            "Finds files by name or glob pattern anywhere in the workspace. Returns paths only, not the contents.",
        parameters: object({
            pattern: text("Glob pattern, e.g. **/*.test.js"),
        }),
    },
    {
        name: "listFolder",
        description: "Lists the files and subfolders directly inside one folder of the workspace.",
        parameters: object({
            path: text("Path of the folder; use . for the workspace root"),
        }),
    },
    {
        name: "runCommand",
        description:
            "Runs a shell command in the integrated terminal and returns its output and exit code. Use it for builds, tests, package managers and other command line programs.",
        parameters: object(
            {
                command: text("The command line to run"),
                folder: text("Optional working directory"),
            },
            ["command"],
        ),
    },
    {
        name: "getProblems",
        description:
            "Returns the errors and warnings that the compiler, language server and linters currently report in the Problems panel, for one file or for the whole workspace.",
        parameters: object(
            {
                path: text("Optional path of a file; leave out for the whole workspace"),
            },
            [],
        ),
    },
    {
        name: "fetchPage",
        description: "Downloads a web page from a URL and returns its main content as plain text.",
        parameters: object({
            url: text("The full address of the page, including https://"),
        }),
    },
    {
        name: "showChanges",
        description:
            "Shows the diff of uncommitted changes in the current git repository, either staged, unstaged or both.",
        parameters: object(
            {
                scope: text("staged, unstaged or all"),
            },
            [],
        ),
    },
    {
        name: "renameSymbol",
        description:
            "Renames a function, class, method or variable and updates every reference to it in the project, using the language server.",
        parameters: object(
            {
                symbol: text("Current name of the symbol"),
                newName: text("New name of the symbol"),
                path: text("Optional path of the file where the symbol is defined"),
            },
            ["symbol", "newName"],
        ),
    },
    {
        name: "queryDatabase",
        description:
            "Executes a read-only SQL statement against the connected development database and returns the rows. Table and column information can be queried as well.",
        parameters: object({
            sql: text("The SQL statement"),
        }),
    },
];

export const CASES = [
    ...of(
        "readFile",
        "what does src/middleware/auth.ts do? i just joined the team",
        "Could you please have a look into the Makefile and tell me which targets exist there?",
        "show me lines 120-180 of lib/parser/lexer.rb",
        "Explain the retry logic in internal/worker/queue.go to me, I don't understand why it sleeps two times.",
        "summarise CONTRIBUTING.md in 3 bullets",
    ),
    ...of(
        "editFile",
        "in config/application.yml change `port: 8080` to `port: 9090`",
        "Please replace the line TIMEOUT = 30 by TIMEOUT = 120 in settings.py. Nothing else must be touched.",
        'typo in README.md, it says "you will recieve a mail", should be "you will receive a mail", pls fix',
        "swap <h1>Welcom</h1> for <h1>Welcome back</h1> in templates/home.html",
    ),
    ...of(
        "createFile",
        "we have no .editorconfig yet, add one with 4 spaces, utf-8 and lf",
        "Create src/components/Badge.vue, a simple component with a label prop and a color prop.",
        "I need a Dockerfile in the root for a plain node 20 app, entry point is server.js. There is none so far.",
        "new file scripts/args.lua that just prints its arguments one per line thx",
    ),
    ...of(
        "searchText",
        "where do we use the env var STRIPE_SECRET_KEY",
        "list all TODO and FIXME comments in the code",
        "Which places in this repo are still calling legacyHash( ?",
        'A user reports the error "Invoice total must not be negative". From where in our PHP code is this message coming?',
        "is there anything left that imports moment",
    ),
    ...of(
        "findFiles",
        "where are all the .proto files",
        "i cant find the docker-compose.yml in this monorepo, in which folder it is?",
        "Are there any Jupyter notebooks somewhere in this project? Just give me the paths.",
        "there must be some java file with PaymentGateway in its name but no idea in which module. path?",
    ),
    ...of(
        "listFolder",
        "whats in the scripts folder",
        "Would you show me the top level of this project, please?",
        "what do we have directly under packages/",
        "I would like to know which subdirectories has app/Http.",
    ),
    ...of(
        "runCommand",
        "run the tests",
        "npm install pls",
        "Does the crate still build? Do a cargo build --release and tell me.",
        "which python version is installed on this machine",
        "Please start mvn clean package and say me if something is failing",
    ),
    ...of(
        "getProblems",
        "why is everything red in UserService.kt??",
        "what errors does vs code show right now",
        "Are there still any ESLint warnings in src/pages/Checkout.jsx?",
        "got squiggly lines under half of my Program.cs, about what they are complaining?",
    ),
    ...of(
        "fetchPage",
        "https://vite.dev/guide/migration what are the breaking changes",
        "Please read https://peps.python.org/pep-0695/ and explain me the new syntax in easy words.",
        "my colleague sent me this link https://go.dev/blog/slog - can you give me the main points, no time to read it all",
    ),
    ...of(
        "showChanges",
        "what did i change since the last commit",
        "write a commit message for my staged stuff",
        "Before I commit: could you kindly review my current modifications?",
        "did i leave any console.log in the things im about to commit",
    ),
    ...of(
        "renameSymbol",
        "rename the class CustomerDto to CustomerResponse everywhere",
        "The method getUsr in src/repo/userRepo.ts should be called findUserById instead, in all callers too.",
        "I don't like the variable name tmp2 in calc_tax, kindly give it the name net_amount with all its usages",
        "func procData -> processBatch, across the whole project pls",
    ),
    ...of(
        "queryDatabase",
        "how many rows are in the orders table",
        "Which columns does the table customer_address have in our dev DB?",
        "get me the 10 newest users from the db, need to see if email_verified is set for them",
        "Is there any product whose price is null in the database at the moment?",
    ),
];

export const PLAIN = [
    "hi",
    "what's the difference between a mutex and a semaphore?",
    "Please explain me closures in JavaScript like I am a beginner.",
    "write a python one liner that reverses the words in a sentence",
    "when would you use a struct instead of a class in C#",
    "thanks a lot, that helped!",
    "regex for a german zip code (5 digits)?",
    "What does idempotent mean in the context of REST?",
    "is rust hard to learn if i only know java",
    "how do i undo the last commit in git but keep the changes, just tell me the command",
    "Could you show me a small example of a generic function in Go?",
    "tabs or spaces? whats your opinion",
    "why is 0.1 + 0.2 not 0.3",
    "I have a job interview tomorrow, can you ask me three questions about SQL joins?",
    "big O of binary search and why",
];
