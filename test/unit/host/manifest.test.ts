/**
 * package.json against the code: settings table, ids, and what a stable VS Code allows. A browser-based VS Code accepts proposed
 * APIs that a stock one refuses, so only a static check can find them.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SETTING } from "../../../src/host/config";
import { REASON_SENTENCE } from "../../../src/completion/words";
import {
    ASK_COMMAND,
    ACCEPTED_COMMAND,
    COMMAND,
    COMPARISON_EDITOR,
    CONTEXT_KEY,
    DISMISS_COMMAND,
    GGUF_EDITOR,
    ITEM,
    VIEW,
    WALKTHROUGH,
} from "../../../src/host/manifest";

interface Property {
    type: string | string[];
    default: unknown;
    minimum?: number;
    maximum?: number;
    scope: string;
    markdownDescription: string;
}
interface MenuEntry {
    command: string;
    when?: string;
}
interface Manifest {
    enabledApiProposals?: unknown;
    icon: string;
    activationEvents: string[];
    capabilities: {
        untrustedWorkspaces: { supported: string; restrictedConfigurations: string[] };
    };
    contributes: {
        commands: { command: string; title: string; category: string }[];
        configuration: { properties: Record<string, Property> }[];
        keybindings: { command: string; key: string }[];
        menus: Record<string, MenuEntry[]>;
        views: Record<string, { id: string }[]>;
        customEditors: { viewType: string; selector: { filenamePattern: string }[] }[];
        viewsContainers: Record<string, { id: string; icon: string }[]>;
        walkthroughs: {
            id: string;
            steps: {
                id: string;
                description: string;
                media: Record<string, string>;
                completionEvents: string[];
            }[];
        }[];
    };
}

const root = join(import.meta.dirname, "../../..");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest;
const { contributes } = manifest;
const properties = Object.assign(
    {},
    ...contributes.configuration.map((part) => part.properties),
) as Record<string, Property>;
const commandIds = contributes.commands.map((entry) => entry.command).sort();

describe("settings", () => {
    it("are the same in the table and in package.json", () => {
        const table = Object.values(SETTING).map((setting) => [
            `ingot.${setting.key}`,
            { default: setting.default, minimum: setting.minimum, maximum: setting.maximum },
        ]);
        const declared = Object.entries(properties).map(([key, property]) => [
            key,
            { default: property.default, minimum: property.minimum, maximum: property.maximum },
        ]);
        expect(Object.fromEntries(declared)).toEqual(Object.fromEntries(table));
    });

    it("have defaults that the table itself accepts, and a description", () => {
        for (const setting of Object.values(SETTING)) {
            expect(setting.read(setting.default), setting.key).toEqual(setting.default);
            const property = properties[`ingot.${setting.key}`];
            expect(property?.markdownDescription.length, setting.key).toBeGreaterThan(20);
        }
    });

    it("that name a path, an address, a model or a use of the machine are closed to untrusted workspaces", () => {
        const machine = Object.entries(properties)
            .filter(([, property]) => property.scope.startsWith("machine"))
            .map(([key]) => key)
            .sort();
        expect(machine).toEqual(
            [...manifest.capabilities.untrustedWorkspaces.restrictedConfigurations].sort(),
        );
        for (const key of ["completion.model", "chat.model", "library.folder", "hub.endpoint"]) {
            expect(machine).toContain(`ingot.${key}`);
        }
        expect(manifest.capabilities.untrustedWorkspaces.supported).toBe("limited");
    });
});

describe("contributions", () => {
    it("are those of a stable VS Code, with no proposed API", () => {
        expect(manifest.enabledApiProposals).toBeUndefined();
        const allowed = ["commands", "configuration", "keybindings", "menus", "views"];
        allowed.push("chatParticipants", "languageModelTools", "languageModelChatProviders");
        allowed.push("viewsContainers", "walkthroughs", "customEditors");
        expect(Object.keys(contributes).filter((key) => !allowed.includes(key))).toEqual([]);
        const menus = ["commandPalette", "editor/context", "view/title", "view/item/context"];
        menus.push("scm/title");
        expect(Object.keys(contributes.menus).filter((key) => !menus.includes(key))).toEqual([]);
        expect(manifest.activationEvents).toEqual(["onStartupFinished"]);
    });

    it("name only commands that exist", () => {
        expect(commandIds).toEqual(Object.values(COMMAND).sort());
        const used = [
            ...contributes.keybindings.map((entry) => entry.command),
            ...Object.values(contributes.menus).flatMap((menu) => menu.map((e) => e.command)),
        ];
        const known = [...commandIds, DISMISS_COMMAND, ASK_COMMAND];
        expect(used.filter((id) => !known.includes(id))).toEqual([]);
    });

    it("bind the key that sentences tell a person to press, which VS Code leaves free", () => {
        const named = Object.values(REASON_SENTENCE).filter((text) => text.includes("Alt+\\"));
        expect(named.length).toBeGreaterThan(0);
        const bound = contributes.keybindings.filter(({ key }) => key === "alt+\\");
        expect(bound.map(({ command }) => command)).toEqual([ASK_COMMAND]);
    });

    it("have titles in title case under one category, with dots where input follows", () => {
        const small = ["a", "an", "for", "in", "on", "this", "the"];
        for (const { command, title, category } of contributes.commands) {
            expect(category, command).toBe("Ingot");
            for (const word of title.split(" ").filter((w) => !small.includes(w))) {
                expect(word.charAt(0), `${command}: ${title}`).toMatch(/[A-Z]/);
            }
        }
    });

    it("have the views, tree item kinds and walkthrough steps of the code", () => {
        expect(contributes.views[VIEW.container]?.map((view) => view.id)).toEqual([
            VIEW.chat,
            VIEW.models,
        ]);
        const conditions = Object.values(contributes.menus).flatMap((menu) =>
            menu.flatMap((entry) => [...(entry.when ?? "").matchAll(/viewItem == ([\w.]+)/g)]),
        );
        const kinds: string[] = Object.values(ITEM);
        expect(conditions.length).toBeGreaterThan(0);
        for (const [, kind] of conditions) expect(kinds).toContain(kind);
        const [walkthrough] = contributes.walkthroughs;
        expect(walkthrough?.id).toBe(WALKTHROUGH.id);
        expect(walkthrough?.steps.map((step) => step.id)).toEqual(WALKTHROUGH.steps);
    });

    it("open records of comparisons in their editor", () => {
        const editor = contributes.customEditors.find((one) => one.viewType === COMPARISON_EDITOR);
        expect(editor?.selector).toEqual([{ filenamePattern: "*.comparison.json" }]);
    });

    it("open GGUF files in the inspector", () => {
        const editor = contributes.customEditors.find((one) => one.viewType === GGUF_EDITOR);
        expect(editor?.selector).toEqual([{ filenamePattern: "*.gguf" }]);
    });

    it("link and complete walkthrough steps by things that exist", () => {
        const steps = contributes.walkthroughs[0]?.steps ?? [];
        const keys: string[] = Object.values(CONTEXT_KEY);
        for (const step of steps) {
            for (const [, id] of step.description.matchAll(/command:(ingot\.\w+)/g)) {
                expect(commandIds).toContain(id);
            }
            for (const event of step.completionEvents) {
                const [kind, id] = event.split(":");
                if (kind === "onContext") expect(keys).toContain(id);
                if (kind === "onCommand") expect([...commandIds, ACCEPTED_COMMAND]).toContain(id);
            }
        }
    });

    it("have their pictures", () => {
        const files = [
            manifest.icon,
            ...Object.values(contributes.viewsContainers).flatMap((c) =>
                c.map((entry) => entry.icon),
            ),
            ...contributes.walkthroughs.flatMap((w) =>
                w.steps.map((step) => step.media.svg ?? step.media.markdown ?? "none"),
            ),
        ];
        expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
    });
});

describe("words", () => {
    it("avoid what the style forbids, in package.json and in the host's texts", () => {
        const sources = readdirSync(join(root, "src/host"), { recursive: true, encoding: "utf8" })
            .filter((file) => file.endsWith(".ts"))
            .map((file) => readFileSync(join(root, "src/host", file), "utf8"));
        const texts = sources.flatMap((source) => source.match(/"[^"\n]*"|`[^`\n]*`/g) ?? []);
        texts.push(JSON.stringify(contributes));
        expect(texts.length).toBeGreaterThan(100);
        const forbidden = /\bAI\b|\bmagic|\bpowerful|\w!(?=["`\s])/i;
        expect(texts.filter((text) => forbidden.test(text))).toEqual([]);
    });
});
