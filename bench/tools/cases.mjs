// Questions with the one tool of eight that answers them: what a small model has to get right before an agent is of any use.
import { object as open, of, text } from "./set.mjs";

const object = (...given) => ({ ...open(...given), additionalProperties: false });

export const TOOLS = [
    {
        name: "read_file",
        description: "Read the contents of one file whose path is known.",
        parameters: object({ path: text("Path of the file") }),
    },
    {
        name: "create_file",
        description: "Create a new file with the given content.",
        parameters: object({ path: text("Path of the new file"), content: text("Its content") }),
    },
    {
        name: "delete_file",
        description: "Delete a file.",
        parameters: object({ path: text("Path of the file") }),
    },
    {
        name: "search_text",
        description: "Search all files of the workspace for a text or symbol.",
        parameters: object({ query: text("What to look for") }),
    },
    {
        name: "list_directory",
        description: "List the names of the files in a folder.",
        parameters: object({ path: text("Path of the folder") }),
    },
    {
        name: "run_tests",
        description: "Run the unit tests of the project and report failures.",
        parameters: object({ filter: text("Names of tests to run; empty for all") }, []),
    },
    {
        name: "run_in_terminal",
        description: "Run a shell command in the terminal, such as npm install or git.",
        parameters: object({ command: text("The command line") }),
    },
    {
        name: "get_errors",
        description: "Get the compile errors and warnings (problems) of a file.",
        parameters: object({ path: text("Path of the file") }),
    },
];

export const CASES = [
    ...of(
        "read_file",
        "Show me what is in src/app.ts.",
        "Open README.md and tell me what it says.",
        "What does the file config/settings.json contain?",
        "Read lib/util.py.",
        "I want to see the code of main.go.",
        "Explain src/server/router.ts to me.",
        "What is the version in package.json?",
    ),
    ...of(
        "create_file",
        "Create a file hello.txt with the text Hello.",
        "Make a new file src/math.ts that exports a function add.",
        "Write a new Python script fib.py which prints Fibonacci numbers.",
        "Add a new .gitignore file that ignores node_modules.",
        "Create notes/todo.md with three items.",
        "Create an empty file index.css.",
    ),
    ...of(
        "delete_file",
        "Delete old.txt.",
        "Remove the file src/unused.ts.",
        "Get rid of tmp/cache.json.",
        "Please delete the file test/legacy.test.js.",
        "The file draft.md is not needed any more, delete it.",
        "Erase build/output.log.",
    ),
    ...of(
        "search_text",
        "Where is the function parseConfig used?",
        "Find all places that mention TODO.",
        "Search the project for the class UserService.",
        "Which files contain the word deprecated?",
        "Look for usages of fetchData in the workspace.",
        "Find where MAX_RETRIES is defined.",
        "Search for the text 'connection refused'.",
    ),
    ...of(
        "list_directory",
        "Which files are in the folder src?",
        "List the contents of the test directory.",
        "What is in the folder docs?",
        "Show me the files in lib/.",
        "List all files in the directory scripts.",
        "What files are there in the assets folder?",
    ),
    ...of(
        "run_tests",
        "Run the tests.",
        "Do all unit tests pass?",
        "Run the unit tests of the parser.",
        "Check whether the tests still pass.",
        "Execute the test suite and tell me the failures.",
        "Run the tests named login.",
    ),
    ...of(
        "run_in_terminal",
        "Run npm install.",
        "Execute git status in the terminal.",
        "Run the command ls -la.",
        "Install the package lodash with npm.",
        "Start the server with the command npm start.",
        "Run docker ps in the shell.",
    ),
    ...of(
        "get_errors",
        "Which compile errors does src/app.ts have?",
        "Are there any problems in main.c?",
        "Show the warnings of lib/index.js.",
        "Get the errors in utils.ts.",
        "What errors does the compiler report for server.go?",
        "Check src/view.tsx for compile errors.",
    ),
];

/** Nothing of the workspace is needed: an answer in words is right. */
export const PLAIN = [
    "Hello!",
    "What does the keyword async do?",
    "Explain recursion to a beginner.",
    "What is the time complexity of binary search?",
    "How do I declare a constant in Rust?",
    "Thank you.",
    "What is the difference between git merge and git rebase?",
    "Tell me a joke.",
    "What can you do?",
    "Is TypeScript a superset of JavaScript?",
];
