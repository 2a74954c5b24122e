// One vitest project per suite; `npm run test:NAME` runs one, `npm test` runs all of them and the VS Code suites.
import { defineConfig } from "vitest/config";

const project = (name: string, include: string[], timeoutMs: number) => ({
    extends: true as const,
    test: { name, include, testTimeout: timeoutMs, hookTimeout: timeoutMs },
});

// eslint-disable-next-line import-x/no-default-export -- vitest reads the default export
export default defineConfig({
    define: { __BUILD__: JSON.stringify("test") },
    test: {
        pool: "forks",
        maxWorkers: 2,
        projects: [
            project("unit", ["test/unit/**/*.test.ts"], 10_000),
            project("native", ["test/native/**/*.test.ts"], 60_000),
            project("engine", ["test/engine/**/*.test.ts"], 60_000),
            project("foundry", ["test/foundry/**/*.test.ts"], 120_000),
            project("goldens", ["test/goldens/**/*.test.ts"], 600_000),
        ],
    },
});
