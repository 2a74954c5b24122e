// Code of answers that is no whole symbol and quotes little of the file: which lines it replaces, or behind which one it goes. This half is for
// choosing how it is done; heldOut.mjs is the other.
import { file } from "./set.mjs";

const retry = file(
    "src/retry.ts",
    "typescript",
    `
import { setTimeout as sleep } from "node:timers/promises";

export interface RetryOptions {
    attempts: number;
    delayMs: number;
}

const DEFAULTS: RetryOptions = {
    attempts: 3,
    delayMs: 100,
};

export async function retry<T>(task: () => Promise<T>, given: Partial<RetryOptions> = {}): Promise<T> {
    const options = { ...DEFAULTS, ...given };
    let last: unknown;
    for (let attempt = 1; attempt <= options.attempts; attempt++) {
        try {
            return await task();
        } catch (error) {
            last = error;
            await sleep(options.delayMs);
        }
    }
    throw last;
}

export async function withTimeout<T>(task: Promise<T>, ms: number): Promise<T> {
    const controller = new AbortController();
    try {
        return await Promise.race([task, rejectAfter(ms, controller.signal)]);
    } finally {
        controller.abort();
    }
}

async function rejectAfter(ms: number, signal: AbortSignal): Promise<never> {
    await sleep(ms, undefined, { signal });
    throw new Error("timed out");
}
`,
);

const stock = file(
    "stock.py",
    "python",
    `
import csv
from dataclasses import dataclass


@dataclass
class Item:
    name: str
    price: float
    count: int = 0


class Stock:
    def __init__(self):
        self.items = {}

    def load(self, path):
        with open(path) as source:
            for row in csv.reader(source):
                name, price, count = row
                self.items[name] = Item(name, float(price), int(count))

    def take(self, name, count):
        item = self.items[name]
        if item.count < count:
            return False
        item.count -= count
        return True

    def put(self, name, count):
        item = self.items[name]
        item.count += count
        return True

    def total(self):
        total = 0
        for item in self.items.values():
            total += item.price * item.count
        return total


def main():
    stock = Stock()
    stock.load("stock.csv")
    print(stock.total())
`,
);

const server = file(
    "server.go",
    "go",
    `
package main

import (
	"encoding/json"
	"log"
	"net/http"
)

type note struct {
	ID   int    \`json:"id"\`
	Text string \`json:"text"\`
}

var notes = map[int]note{}

func list(w http.ResponseWriter, r *http.Request) {
	all := []note{}
	for _, n := range notes {
		all = append(all, n)
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(all)
}

func add(w http.ResponseWriter, r *http.Request) {
	var n note
	if err := json.NewDecoder(r.Body).Decode(&n); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	notes[n.ID] = n
	w.WriteHeader(http.StatusCreated)
}

func main() {
	http.HandleFunc("GET /notes", list)
	http.HandleFunc("POST /notes", add)
	log.Fatal(http.ListenAndServe(":8080", nil))
}
`,
);

const ring = file(
    "ring.h",
    "cpp",
    `
#pragma once

#include <cstddef>
#include <vector>

template <typename T>
class Ring {
public:
    explicit Ring(std::size_t capacity) : values(capacity) {}

    bool push(const T & value) {
        if (size == values.size()) return false;
        values[(begin + size) % values.size()] = value;
        size++;
        return true;
    }

    bool pop(T & value) {
        if (size == 0) return false;
        value = values[begin];
        begin = (begin + 1) % values.size();
        size--;
        return true;
    }

private:
    std::vector<T> values;
    std::size_t begin = 0;
    std::size_t size = 0;
};
`,
);

const manifest = file(
    "package.json",
    "json",
    `
{
    "name": "notes",
    "version": "1.2.0",
    "type": "module",
    "scripts": {
        "build": "tsc -p .",
        "test": "vitest run",
        "start": "node dist/main.js"
    },
    "dependencies": {
        "express": "^4.18.2",
        "zod": "^3.22.4"
    },
    "devDependencies": {
        "typescript": "^5.3.3",
        "vitest": "^1.2.0"
    },
    "engines": {
        "node": ">=18"
    }
}
`,
);

const workflow = file(
    ".github/workflows/ci.yml",
    "yaml",
    `
name: ci
on:
  push:
    branches: [main]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 18
      - run: npm ci
      - run: npm test
  lint:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: npm ci
      - run: npm run lint
`,
);

const readme = file(
    "README.md",
    "markdown",
    `
# notes

A small server that keeps notes.

## Install

Clone the repository, then:

    npm install

## Use

- \`npm start\` starts the server on port 8080
- \`npm test\` runs the tests

## Options

| variable | meaning | default |
| --- | --- | --- |
| PORT | where the server listens | 8080 |
| DATA | folder of the notes | ./data |

## Licence

MIT
`,
);

export const CASES = [
    retry.replaces("    delayMs: 100,", { cursor: "import {", code: "    delayMs: 250," }),
    retry.replaces("            await sleep(options.delayMs);", {
        cursor: "async function rejectAfter",
        code: "await sleep(options.delayMs * 2 ** (attempt - 1));",
    }),
    retry.replaces("    attempts: number;\n    delayMs: number;", {
        cursor: "    throw last;",
        code: "    /** At least 1. */\n    attempts: number;\n    delayMs: number;\n    maxDelayMs: number;",
    }),
    retry.replaces('    throw new Error("timed out");', {
        cursor: "import {",
        code: 'throw new DOMException(`timed out after ${ms} ms`, "TimeoutError");',
    }),
    retry.behind("            last = error;", {
        cursor: "import {",
        code: "            if (attempt === options.attempts) break;",
    }),
    retry.behind('import { setTimeout as sleep } from "node:timers/promises";', {
        cursor: "    throw last;",
        code: 'import { performance } from "node:perf_hooks";',
    }),
    retry.replaces("        } catch (error) {\n            last = error;", {
        cursor: "import {",
        code: "<<<<<<< SEARCH\n        } catch (err) {\n            lastError = err;\n=======\n        } catch (error) {\n            if (isFatal(error)) throw error;\n            last = error;\n>>>>>>> REPLACE",
    }),

    stock.replaces("            return False", {
        cursor: "import csv",
        code: 'raise ValueError(f"only {item.count} of {name} left")',
    }),
    stock.replaces(
        "        total = 0\n        for item in self.items.values():\n            total += item.price * item.count\n        return total",
        {
            cursor: "import csv",
            code: "        return sum(item.price * item.count for item in self.items.values())",
        },
    ),
    stock.replaces("                name, price, count = row", {
        cursor: "def main():",
        code: "name, price, count = (field.strip() for field in row)",
    }),
    stock.replaces("        item = self.items[name]\n        item.count += count", {
        cursor: "import csv",
        code: "<<<<<<< SEARCH\n    item = self.items[name]\n    item.count = item.count + count\n=======\n    item = self.items.setdefault(name, Item(name, 0.0))\n    item.count = item.count + count\n>>>>>>> REPLACE",
        now: "        item = self.items.setdefault(name, Item(name, 0.0))\n        item.count += count",
    }),
    stock.behind('    stock.load("stock.csv")', {
        cursor: "import csv",
        code: '    stock.put("apple", 5)',
    }),
    stock.behind("import csv", { cursor: "    def total(self):", code: "import logging" }),
    stock.behind("    count: int = 0", { cursor: "import csv", code: '    unit: str = "piece"' }),

    server.replaces("		http.Error(w, err.Error(), http.StatusInternalServerError)", {
        cursor: "package main",
        code: "http.Error(w, err.Error(), http.StatusBadRequest)",
    }),
    server.behind('	http.HandleFunc("POST /notes", add)', {
        cursor: "package main",
        code: '	http.HandleFunc("DELETE /notes/{id}", remove)',
    }),
    server.replaces('	"log"\n	"net/http"', {
        cursor: "	var n note",
        code: '	"log"\n	"net/http"\n	"sort"',
    }),
    server.behind('	Text string `json:"text"`', {
        cursor: "package main",
        code: '	Done bool   `json:"done"`',
    }),
    server.behind("		all = append(all, n)\n	}", {
        cursor: "package main",
        code: "	sort.Slice(all, func(i, k int) bool { return all[i].ID < all[k].ID })",
    }),

    ring.replaces("        if (size == values.size()) return false;", {
        cursor: "#pragma once",
        code: "if (size == values.size()) pop_front();",
    }),
    ring.replaces("        size--;\n        return true;", {
        cursor: "#pragma once",
        code: "<<<<<<< SEARCH\n        --size;\n        return true;\n=======\n        --size;\n        values[begin] = T{};\n        return true;\n>>>>>>> REPLACE",
        now: "        size--;\n        values[begin] = T{};\n        return true;",
    }),
    ring.behind("#include <vector>", { cursor: "private:", code: "#include <utility>" }),
    ring.behind("    std::size_t size = 0;", {
        cursor: "#pragma once",
        code: "    std::size_t n_lost = 0;",
    }),

    manifest.replaces('        "typescript": "^5.3.3",', {
        cursor: "{",
        code: '"typescript": "^5.9.2",',
    }),
    manifest.replaces('        "build": "tsc -p .",', {
        cursor: "{",
        code: '        "build": "esbuild src/main.ts --bundle --outdir=dist",',
    }),
    manifest.behind('        "build": "tsc -p .",', {
        cursor: "{",
        code: '        "lint": "eslint .",',
        or: ['        "test": "vitest run",', '    "scripts": {'],
    }),
    manifest.behind('    "dependencies": {', {
        cursor: "{",
        code: '        "pino": "^9.0.0",',
        or: ['        "express": "^4.18.2",'],
    }),

    workflow.replaces("          node-version: 18", {
        cursor: "name: ci",
        code: "node-version: 22",
    }),
    workflow.replaces("    branches: [main]", {
        cursor: "name: ci",
        code: "    branches: [main, next]",
    }),
    workflow.behind("      - run: npm test", {
        cursor: "name: ci",
        code: "      - run: npm run coverage",
    }),
    workflow.replaces("      - run: npm run lint", {
        cursor: "name: ci",
        code: "      - run: npm run lint -- --max-warnings=0",
    }),

    readme.replaces("| PORT | where the server listens | 8080 |", {
        cursor: "# notes",
        code: "| PORT | where the server listens | 3000 |",
    }),
    readme.behind("- `npm test` runs the tests", {
        cursor: "# notes",
        code: "- `npm run build` compiles it",
        or: ["- `npm start` starts the server on port 8080"],
    }),
    readme.replaces("A small server that keeps notes.", {
        cursor: "## Licence",
        code: "A small server that keeps notes as files, one for each note.",
    }),

    // The cursor is where it belongs.
    retry.behind("    const controller = new AbortController();", {
        cursor: "    const controller = new AbortController();",
        code: "    const startMs = performance.now();",
    }),
    stock.behind("        item.count -= count", {
        cursor: "        item.count -= count",
        code: "        self.changed.add(name)",
    }),
    server.behind("	w.WriteHeader(http.StatusCreated)", {
        cursor: "	w.WriteHeader(http.StatusCreated)",
        code: '	log.Printf("note %d added", n.ID)',
    }),
    readme.behind("    npm install", {
        cursor: "    npm install",
        code: "    npm run build",
    }),
];
