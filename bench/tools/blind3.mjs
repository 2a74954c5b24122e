// A blind test set for tool choice: twelve tools of a coding assistant, fifty questions that each
// call for one of them first, and fifteen that call for none. Written by somebody who had seen
// neither how the product chooses nor the other sets. It is for measuring only: nothing is to be
// tuned to it.
import { object, of, text } from "./set.mjs";

const integer = (description) => ({ type: "integer", description });

export const TOOLS = [
    {
        name: "read_file",
        description:
            "Read the contents of a file in the workspace. For large files, pass a line range to read only the part you need.",
        parameters: object(
            {
                path: text("Path of the file, relative to the workspace root."),
                start_line: integer("First line to read, counting from 1."),
                end_line: integer("Last line to read, inclusive."),
            },
            ["path"],
        ),
    },
    {
        name: "replace_in_file",
        description:
            "Edit an existing file by replacing one piece of text with another. The old text must match the file exactly, including whitespace. Pass an empty new text to delete it.",
        parameters: object({
            path: text("Path of the file to edit, relative to the workspace root."),
            old_text: text("The exact text to replace."),
            new_text: text("The text to put in its place."),
        }),
    },
    {
        name: "create_file",
        description:
            "Create a new file with the given content. Missing parent directories are created automatically. Do not use this to edit a file that already exists.",
        parameters: object({
            path: text("Path of the new file, relative to the workspace root."),
            content: text("The full content of the file."),
        }),
    },
    {
        name: "search_text",
        description:
            "Search the contents of all files in the workspace for a string or regular expression. Returns the matching lines with their file paths and line numbers.",
        parameters: object(
            {
                pattern: text("The string or regular expression to look for."),
                include: text("Glob that limits which files are searched, e.g. src/**/*.ts."),
            },
            ["pattern"],
        ),
    },
    {
        name: "list_directory",
        description:
            "List the files and folders inside a directory of the workspace. Use it to get an overview of how a project is laid out.",
        parameters: object({
            path: text("Directory to list, relative to the workspace root. Use . for the root."),
        }),
    },
    {
        name: "run_command",
        description:
            "Run a shell command in the integrated terminal and return its output. Use it to run tests, builds, package managers, git operations and other command line programs.",
        parameters: object({
            command: text("The command line to run."),
        }),
    },
    {
        name: "get_problems",
        description:
            "Get the errors and warnings that the compiler and linters currently report in the editor's Problems panel, for one file or for the whole workspace.",
        parameters: object(
            {
                path: text("File to get problems for. Leave out for the whole workspace."),
            },
            [],
        ),
    },
    {
        name: "get_changes",
        description:
            "Get the diff of the changes in the working tree that have not been committed yet, both staged and unstaged.",
        parameters: object(
            {
                scope: {
                    type: "string",
                    enum: ["staged", "unstaged", "all"],
                    description: "Which changes to return. Defaults to all.",
                },
            },
            [],
        ),
    },
    {
        name: "rename_symbol",
        description:
            "Rename a function, class, variable or other symbol and update every reference to it across the workspace, using the language server.",
        parameters: object(
            {
                symbol: text("Current name of the symbol."),
                new_name: text("New name for the symbol."),
                path: text("File in which the symbol is defined, if known."),
            },
            ["symbol", "new_name"],
        ),
    },
    {
        name: "get_library_docs",
        description:
            "Look up the official, up-to-date documentation of a third-party package or framework. Use it when the answer depends on a library's current API.",
        parameters: object(
            {
                library: text("Name of the package or framework, with a version if it matters."),
                topic: text("What to look up in its documentation."),
            },
            ["library"],
        ),
    },
    {
        name: "open_preview",
        description:
            "Open a URL in the editor's built-in browser preview so the user can see the running web app. The server must already be running.",
        parameters: object({
            url: text("The URL to open, e.g. http://localhost:3000."),
        }),
    },
    {
        name: "save_memory",
        description:
            "Save a fact, convention or preference so that it is remembered in later conversations. Use it when the user asks you to remember something or states a lasting rule.",
        parameters: object({
            fact: text("What to remember, as one self-contained sentence."),
        }),
    },
];

export const CASES = [
    ...of(
        "read_file",
        "what's in tsconfig.base.json?",
        "can you walk me through what src/billing/proration.ts does, i've inherited it and have no clue",
        "lines 120 to 180 of app/services/importer.rb look weird to me, explain whats going on there",
        "Does our Dockerfile run as root or does it switch to another user? It's deploy/api/Dockerfile.",
    ),
    ...of(
        "replace_in_file",
        "in config/default.toml change `max_connections = 10` to `max_connections = 50`",
        'typo in README.md: "recieve webhooks" should be "receive webhooks", please fix',
        "server/cors.js has origin: '*', make that origin: process.env.ALLOWED_ORIGIN instead",
        "Please drop the line `import pdb; pdb.set_trace()` from worker/tasks.py, I forgot it there.",
    ),
    ...of(
        "create_file",
        "add a .editorconfig to the root, we dont have one yet. 2 spaces, lf, utf-8",
        "I need a new component src/components/EmptyState.vue with a title prop, an optional description and a slot for a button. Plain script setup, no styling for now.",
        "start a CONTRIBUTING.md for us, keep it short: how to branch, how to run the linter, how to open a PR",
        "make a new github actions workflow at .github/workflows/lint.yml that does npm ci and npm run lint on every pull request",
    ),
    ...of(
        "search_text",
        "where do we call sendWelcomeEmail",
        "which files still mention the old host api-v1.internal.acme.io",
        'im getting "Cannot resolve tenant for request" in the logs, where in our code does that get thrown?',
        "Is the STRIPE_WEBHOOK_SECRET env var actually used anywhere in this repo?",
        "show me all the TODO(marta) comments",
    ),
    ...of(
        "list_directory",
        "whats in the packages folder",
        "which migrations do we have under db/migrate? just the names",
        "I just cloned this, can you show me the top level layout of the project?",
        "is there anything inside scripts/legacy or is it empty",
    ),
    ...of(
        "run_command",
        "run the tests",
        "install zod as a dependency",
        "which node version am i on here",
        "could you build the docker image and tag it shop-api:dev please",
        "create a branch fix/login-redirect off main and switch to it",
    ),
    ...of(
        "get_problems",
        "there are red squiggles all over src/store/cart.ts, what's wrong with it",
        "any errors left in the editor?",
        "Could you tell me which warnings the linter is currently showing for pages/checkout.tsx?",
        "problems tab says 14 warnings, list them for me",
    ),
    ...of(
        "get_changes",
        "what did i change since my last commit",
        "write me a commit message for what i've got staged",
        "Please review my uncommitted work before I push it, mostly looking for leftover debug stuff.",
        "been hacking all afternoon and lost track, which bits have i touched that aren't committed yet?",
    ),
    ...of(
        "rename_symbol",
        "rename getUsr to getUser everywhere",
        "the class OrderManger is misspelled, should be OrderManager, update it and all its usages pls",
        "In lib/geo/distance.dart the function calc should be called haversineKm. Please change it together with every reference.",
        "i dont like the name tmp2 for that variable in src/http/parse.c, call it contentLength instead, wherever its used",
    ),
    ...of(
        "get_library_docs",
        "how do I set up infinite queries with tanstack query v5? check the current docs, I keep getting old v3 answers",
        "look up the options of prisma's upsert",
        "what does the pydantic documentation say about model_validator with mode='wrap'",
        "Is there an official way in Playwright to reuse a logged-in session between tests? See their docs please.",
    ),
    ...of(
        "open_preview",
        "show me the page, dev server is already up on localhost:5173",
        "open http://localhost:3000/settings/profile",
        "can i see what the landing page looks like now? it's being served on port 8080",
        "storybook is running at localhost:6006, pull it up next to the code",
    ),
    ...of(
        "save_memory",
        "remember that we use pnpm here, never npm",
        "from now on always write tests with vitest and not jest, keep that in mind for next time too",
        "Please note for future sessions: staging deploys only happen on Tuesdays and the database there is read-only.",
        "dont forget: i prefer early returns over nested ifs",
    ),
];

export const PLAIN = [
    "whats the difference between a mutex and a semaphore",
    "thanks, that helped a lot!",
    "explain closures in javascript like im new to programming",
    "write a python one liner that flattens a list of lists",
    "hi, what can you help me with?",
    "When would you pick Postgres over MongoDB?",
    "what does idempotent mean in the context of http",
    "regex for a date like 2024-03-17?",
    "is it bad practice to use any in typescript",
    "Could you show me a small debounce function in JS?",
    "why is 0.1 + 0.2 not 0.3",
    "how does git rebase differ from merge, i always mix them up",
    "big o of binary search?",
    "good morning :) how's it going",
    "what does a 502 usually mean compared to a 504",
];
