// Lint rules. The zones keep the layers of docs/architecture.md: default deny, exceptions named.
import js from "@eslint/js";
import { createNodeResolver, importX } from "eslint-plugin-import-x";
import prettier from "eslint-config-prettier";
import tseslint from "typescript-eslint";

const shared = {
    base: [],
    protocol: ["base"],
    gguf: ["base"],
    prompt: ["base", "protocol"],
    tools: ["base", "protocol"],
    syntax: ["base", "protocol", "prompt"],
    context: ["base", "protocol", "prompt", "syntax"],
    completion: ["base", "protocol", "prompt", "context", "syntax"],
    edit: ["base", "prompt", "syntax"],
    codebase: ["base", "prompt", "syntax", "context"],
    node: ["base", "protocol", "syntax"],
    library: ["base", "protocol", "gguf", "node"],
    compare: ["base", "protocol"],
};
const processes = {
    // Grammars and pieces of other files belong to who asks: the engine gets them with each request.
    engine: Object.keys(shared).filter(
        (name) => !["syntax", "context", "edit", "codebase", "compare"].includes(name),
    ),
    indexer: ["base", "protocol", "syntax", "context", "codebase", "node"],
    foundry: [...Object.keys(shared)],
    // What is measured of a model and done about it; jobs of the worker, as the foundry's.
    lab: [...Object.keys(shared), "foundry"],
    worker: [...Object.keys(shared), "foundry", "lab"],
    host: [...Object.keys(shared)],
    webview: ["base", "protocol", "compare"],
    cli: [...Object.keys(shared)],
};
const zones = Object.entries({ ...shared, ...processes }).map(([folder, allowed]) => ({
    target: `./src/${folder}`,
    from: "./src",
    except: [folder, ...allowed].map((name) => `./${name}`),
    message: `src/${folder} may import only: ${[folder, ...allowed].join(", ")} (docs/architecture.md)`,
}));

export default tseslint.config(
    {
        ignores: [
            "dist/",
            "out/",
            "native/",
            "node_modules/",
            ".cache/",
            "models/",
            "test/fixtures/",
            "sample/",
        ],
    },
    js.configs.recommended,
    {
        files: ["**/*.ts"],
        extends: [...tseslint.configs.recommendedTypeChecked],
        plugins: { "import-x": importX },
        languageOptions: {
            parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
        },
        settings: {
            "import-x/resolver-next": [createNodeResolver({ extensions: [".ts", ".js", ".mjs"] })],
        },
        rules: {
            "import-x/no-restricted-paths": ["error", { zones }],
            "import-x/no-cycle": "error",
            "import-x/no-default-export": "error",
            "no-console": "error",
            complexity: ["error", 16],
            "max-lines": ["error", { max: 500, skipBlankLines: true, skipComments: true }],
            "@typescript-eslint/no-explicit-any": "error",
            "@typescript-eslint/no-non-null-assertion": "error",
            "@typescript-eslint/consistent-type-imports": "error",
            "@typescript-eslint/switch-exhaustiveness-check": "error",
            "@typescript-eslint/restrict-template-expressions": [
                "error",
                { allowNumber: true, allowBoolean: true },
            ],
            "@typescript-eslint/require-await": "off",
        },
    },
    {
        files: ["src/**/*.ts"],
        ignores: ["src/host/**", "src/extension.ts"],
        rules: {
            "@typescript-eslint/no-restricted-imports": [
                "error",
                { paths: [{ name: "vscode", message: "Only src/host may import vscode." }] },
            ],
        },
    },
    {
        files: [
            "src/base/**",
            "src/protocol/**",
            "src/prompt/**",
            "src/tools/**",
            "src/gguf/**",
            "src/context/**",
            "src/completion/**",
            "src/syntax/**",
            "src/edit/**",
            "src/codebase/**",
            "src/compare/**",
        ],
        rules: {
            "no-restricted-globals": [
                "error",
                "process",
                "window",
                "document",
                "Buffer",
                "require",
            ],
            "@typescript-eslint/no-restricted-imports": [
                "error",
                { patterns: ["node:*", "vscode", "fs", "path"] },
            ],
        },
    },
    { files: ["src/cli/**", "test/**", "scripts/**", "bench/**"], rules: { "no-console": "off" } },
    {
        files: ["test/**"],
        rules: {
            "@typescript-eslint/no-non-null-assertion": "off",
            "import-x/no-default-export": "off",
            "@typescript-eslint/unbound-method": "off",
        },
    },
    {
        files: ["**/*.{js,mjs,cjs}"],
        languageOptions: {
            globals: Object.fromEntries(
                [
                    "process",
                    "console",
                    "Buffer",
                    "URL",
                    "require",
                    "module",
                    "__dirname",
                    "setTimeout",
                    "clearTimeout",
                    "setInterval",
                    "clearInterval",
                    "AbortController",
                    "fetch",
                    "AbortSignal",
                    "structuredClone",
                    "performance",
                ].map((name) => [name, "readonly"]),
            ),
        },
    },
    prettier,
);
