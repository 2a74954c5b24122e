// As cases.mjs, on other files; not looked at before what is measured was chosen.
import { file } from "./set.mjs";

const list = file(
    "src/TaskList.tsx",
    "typescriptreact",
    `
import { useState } from "react";

interface Task {
    id: number;
    title: string;
    isDone: boolean;
}

const LIMIT = 50;

export function TaskList({ initial }: { initial: Task[] }) {
    const [tasks, setTasks] = useState(initial);
    const [title, setTitle] = useState("");

    function add() {
        if (tasks.length >= LIMIT) return;
        setTasks([...tasks, { id: tasks.length, title, isDone: false }]);
        setTitle("");
    }

    function toggle(id: number) {
        setTasks(tasks.map((task) => (task.id === id ? { ...task, isDone: !task.isDone } : task)));
    }

    return (
        <section>
            <h2>Tasks</h2>
            <ul>
                {tasks.map((task) => (
                    <li key={task.id} onClick={() => toggle(task.id)}>
                        {task.title}
                    </li>
                ))}
            </ul>
            <input value={title} onChange={(event) => setTitle(event.target.value)} />
            <button onClick={add}>Add</button>
        </section>
    );
}
`,
);

const logs = file(
    "logs.py",
    "python",
    `
import re
import sys
from collections import Counter

PATTERN = re.compile(r"(\\d+\\.\\d+\\.\\d+\\.\\d+) .* (\\d{3})")


def parse(line):
    match = PATTERN.match(line)
    if match is None:
        return None
    return match.group(1), int(match.group(2))


def count_errors(path):
    errors = Counter()
    with open(path) as log:
        for line in log:
            parsed = parse(line)
            if parsed is None:
                continue
            address, status = parsed
            if status >= 500:
                errors[address] += 1
    return errors


def count_addresses(path):
    addresses = Counter()
    with open(path) as log:
        for line in log:
            parsed = parse(line)
            if parsed is None:
                continue
            address, status = parsed
            addresses[address] += 1
    return addresses


if __name__ == "__main__":
    for address, count in count_errors(sys.argv[1]).most_common(10):
        print(address, count)
`,
);

const account = file(
    "Account.java",
    "java",
    `
package bank;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

public class Account {
    private final String owner;
    private BigDecimal balance = BigDecimal.ZERO;
    private final List<String> history = new ArrayList<>();

    public Account(String owner) {
        this.owner = owner;
    }

    public void deposit(BigDecimal amount) {
        if (amount.signum() <= 0) {
            throw new IllegalArgumentException("amount");
        }
        balance = balance.add(amount);
        history.add("deposit " + amount);
    }

    public void withdraw(BigDecimal amount) {
        if (amount.signum() <= 0) {
            throw new IllegalArgumentException("amount");
        }
        if (balance.compareTo(amount) < 0) {
            throw new IllegalStateException("balance");
        }
        balance = balance.subtract(amount);
        history.add("withdraw " + amount);
    }

    public BigDecimal getBalance() {
        return balance;
    }
}
`,
);

const cache = file(
    "src/cache.rs",
    "rust",
    `
use std::collections::HashMap;
use std::time::{Duration, Instant};

pub struct Entry {
    value: String,
    expires: Instant,
}

pub struct Cache {
    entries: HashMap<String, Entry>,
    lifetime: Duration,
}

impl Cache {
    pub fn new(lifetime: Duration) -> Self {
        Cache { entries: HashMap::new(), lifetime }
    }

    pub fn get(&self, key: &str) -> Option<&str> {
        let entry = self.entries.get(key)?;
        if entry.expires < Instant::now() {
            return None;
        }
        Some(&entry.value)
    }

    pub fn set(&mut self, key: &str, value: &str) {
        let expires = Instant::now() + self.lifetime;
        let entry = Entry { value: value.to_string(), expires };
        self.entries.insert(key.to_string(), entry);
    }

    pub fn clear(&mut self) {
        self.entries.clear();
    }
}
`,
);

const settings = file(
    "tsconfig.json",
    "json",
    `
{
    "compilerOptions": {
        "target": "ES2020",
        "module": "CommonJS",
        "outDir": "dist",
        "rootDir": "src",
        "strict": false,
        "sourceMap": true,
        "esModuleInterop": true
    },
    "include": ["src"],
    "exclude": ["node_modules", "dist"]
}
`,
);

const compose = file(
    "docker-compose.yml",
    "yaml",
    `
services:
  web:
    build: .
    ports:
      - "8080:8080"
    environment:
      DATABASE_URL: postgres://db/notes
      LOG_LEVEL: info
    depends_on:
      - db
  worker:
    build: .
    command: node dist/worker.js
    environment:
      DATABASE_URL: postgres://db/notes
    depends_on:
      - db
  db:
    image: postgres:14
    volumes:
      - data:/var/lib/postgresql/data
volumes:
  data:
`,
);

const docker = file(
    "Dockerfile",
    "dockerfile",
    `
FROM node:18-alpine
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build
EXPOSE 8080
CMD ["node", "dist/main.js"]
`,
);

const guide = file(
    "CONTRIBUTING.md",
    "markdown",
    `
# Contributing

Thank you for helping.

## Before a pull request

1. Run \`npm test\`.
2. Add a line to the changelog.

## Style

- Two spaces, no tabs
- Names say what a thing is
- No abbreviations

## Releases

A release is made on the first Monday of a month.
`,
);

const block = (search, replace) =>
    `<<<<<<< SEARCH\n${search}\n=======\n${replace}\n>>>>>>> REPLACE`;

export const CASES = [
    list.replaces("const LIMIT = 50;", {
        cursor: "import {",
        code: "const LIMIT = 200;",
    }),
    list.replaces("        setTasks([...tasks, { id: tasks.length, title, isDone: false }]);", {
        cursor: "import {",
        code: "setTasks([...tasks, { id: Date.now(), title: title.trim(), isDone: false }]);",
    }),
    list.behind("    isDone: boolean;", {
        cursor: "    return (",
        code: "    dueDate?: Date;",
    }),
    list.replaces("            <button onClick={add}>Add</button>", {
        cursor: "import {",
        code: '<button onClick={add} disabled={title.trim() === ""}>Add</button>',
    }),
    list.behind("        if (tasks.length >= LIMIT) return;", {
        cursor: "interface Task",
        code: '        if (title.trim() === "") return;',
        or: ["    function add() {"],
    }),
    list.replaces("                        {task.title}", {
        cursor: "import {",
        code: "{task.isDone ? <s>{task.title}</s> : task.title}",
    }),

    logs.replaces("            if status >= 500:", {
        cursor: "import re",
        code: "if 500 <= status < 600:",
    }),
    logs.replaces("    for address, count in count_errors(sys.argv[1]).most_common(10):", {
        cursor: "def parse(line):",
        code: "    for address, count in count_addresses(sys.argv[1]).most_common():",
    }),
    logs.behind("import re\nimport sys", {
        cursor: "def parse(line):",
        code: "import gzip",
        or: ["import re", "from collections import Counter"],
    }),
    logs.replaces("            address, status = parsed\n            addresses[address] += 1", {
        cursor: "import re",
        code: block(
            "        address, _ = parsed\n        addresses[address] = addresses[address] + 1",
            "        address, _ = parsed\n        if address not in IGNORED:\n            addresses[address] += 1",
        ),
        now: "            address, status = parsed\n            if address not in IGNORED:\n                addresses[address] += 1",
        orNow: "            address, _ = parsed\n            if address not in IGNORED:\n                addresses[address] += 1",
    }),
    logs.replaces(
        "    match = PATTERN.match(line)\n    if match is None:\n        return None\n    return match.group(1), int(match.group(2))",
        {
            cursor: "import re",
            code: "    if match := PATTERN.match(line):\n        return match.group(1), int(match.group(2))\n    return None",
        },
    ),

    account.replaces('        history.add("withdraw " + amount);', {
        cursor: "package bank;",
        code: 'history.add("withdraw " + amount + ", left " + balance);',
    }),
    account.replaces('            throw new IllegalStateException("balance");', {
        cursor: "package bank;",
        code: "            throw new InsufficientFundsException(owner, balance, amount);",
    }),
    account.behind("import java.util.List;", {
        cursor: "    public BigDecimal getBalance() {",
        code: "import java.util.Objects;",
    }),
    account.replaces("        this.owner = owner;", {
        cursor: "package bank;",
        code: "        this.owner = Objects.requireNonNull(owner);",
    }),
    account.behind("    private final List<String> history = new ArrayList<>();", {
        cursor: "package bank;",
        code: "    private boolean isClosed = false;",
        or: [
            "    private BigDecimal balance = BigDecimal.ZERO;",
            "    private final String owner;",
        ],
    }),

    cache.replaces("            return None;", {
        cursor: "use std::collections",
        code: "            self.entries.remove(key);\n            return None;",
    }),
    cache.behind("    lifetime: Duration,", {
        cursor: "use std::collections",
        code: "    capacity: usize,",
        or: ["    entries: HashMap<String, Entry>,"],
    }),
    cache.replaces("        Cache { entries: HashMap::new(), lifetime }", {
        cursor: "use std::collections",
        code: "Cache { entries: HashMap::with_capacity(64), lifetime }",
    }),
    cache.replaces(
        "        let entry = Entry { value: value.to_string(), expires };\n        self.entries.insert(key.to_string(), entry);",
        {
            cursor: "use std::collections",
            code: block(
                "        self.entries.insert(key.to_string(), Entry { value: value.to_string(), expires });",
                "        self.entries.insert(key.to_owned(), Entry { value: value.to_owned(), expires });",
            ),
        },
    ),

    settings.replaces('        "strict": false,', { cursor: "{", code: '"strict": true,' }),
    settings.replaces('        "target": "ES2020",\n        "module": "CommonJS",', {
        cursor: "{",
        code: '        "target": "ES2022",\n        "module": "NodeNext",',
    }),
    settings.behind('        "sourceMap": true,', {
        cursor: "{",
        code: '        "declaration": true,',
        or: [
            '        "strict": false,',
            '        "rootDir": "src",',
            '        "outDir": "dist",',
            '        "module": "CommonJS",',
            '        "target": "ES2020",',
            '    "compilerOptions": {',
        ],
    }),

    compose.replaces("    image: postgres:14", {
        cursor: "services:",
        code: "image: postgres:17-alpine",
    }),
    compose.behind("      LOG_LEVEL: info", {
        cursor: "services:",
        code: "      SESSION_SECRET: change-me",
    }),
    compose.replaces('      - "8080:8080"', {
        cursor: "services:",
        code: '      - "127.0.0.1:8080:8080"',
    }),
    compose.replaces("    command: node dist/worker.js", {
        cursor: "services:",
        code: "    command: node --enable-source-maps dist/worker.js --verbose",
    }),

    docker.replaces("FROM node:18-alpine", { cursor: "EXPOSE", code: "FROM node:22-slim" }),
    docker.behind("RUN npm run build", {
        cursor: "FROM",
        code: "RUN npm prune --omit=dev",
    }),
    docker.behind("WORKDIR /app", {
        cursor: "CMD",
        code: "ENV NODE_ENV=production",
        or: ["FROM node:18-alpine", "COPY package.json package-lock.json ./", "RUN npm run build"],
    }),

    guide.behind("2. Add a line to the changelog.", {
        cursor: "# Contributing",
        code: "3. Sign off your commits.",
    }),
    guide.replaces("- Two spaces, no tabs", {
        cursor: "# Contributing",
        code: "- Four spaces, no tabs",
    }),
    guide.replaces("A release is made on the first Monday of a month.", {
        cursor: "# Contributing",
        code: "Releases are made when they are ready, at most once a week.",
    }),

    // The cursor is where it belongs.
    list.behind('    const [title, setTitle] = useState("");', {
        cursor: '    const [title, setTitle] = useState("");',
        code: "    const nDone = tasks.filter((task) => task.isDone).length;",
    }),
    account.behind("        balance = balance.add(amount);", {
        cursor: "        balance = balance.add(amount);",
        code: "        lastChange = Instant.now();",
    }),
    cache.behind("        let expires = Instant::now() + self.lifetime;", {
        cursor: "        let expires = Instant::now() + self.lifetime;",
        code: "        self.evict();",
    }),
    guide.behind("- No abbreviations", {
        cursor: "- No abbreviations",
        code: "- A comment says why",
    }),
];
