// Whose token goes where: from the choice, the environment and the token file, and never to an address it was not made for.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { chooseAddress, isOfflineMode } from "../../../src/foundry/hub/address";

let home: string;
beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "ingot-home-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function write(path: string, text: string): string {
    const full = join(home, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, text);
    return full;
}

const HUB = "https://huggingface.co";
const MIRROR = "https://mirror.example";
const token = (choice: Parameters<typeof chooseAddress>[0], env: Record<string, string> = {}) =>
    chooseAddress(choice, env, home).token;

describe("the token file", () => {
    it("is read where the Hub's command line keeps it", () => {
        write(".cache/huggingface/token", "hf_file\n");
        expect(token({})).toBe("hf_file");
        expect(token({ endpoint: HUB })).toBe("hf_file");
        expect(token({}, { HF_TOKEN: "hf_env" })).toBe("hf_env");
        expect(token({ token: "hf_own" }, { HF_TOKEN: "hf_env" })).toBe("hf_own");
    });

    it("is read where HF_TOKEN_PATH, HF_HOME or XDG_CACHE_HOME say", () => {
        const path = write("elsewhere/mine", "hf_path");
        write("hf/token", "hf_home");
        write("xdg/huggingface/token", "hf_xdg");
        expect(token({}, { HF_TOKEN_PATH: path, HF_HOME: join(home, "hf") })).toBe("hf_path");
        expect(token({}, { HF_HOME: join(home, "hf") })).toBe("hf_home");
        expect(token({}, { XDG_CACHE_HOME: join(home, "xdg") })).toBe("hf_xdg");
    });

    it("does not count when it is absent, a folder, too long or not wanted", () => {
        expect(token({})).toBeUndefined();
        mkdirSync(join(home, ".cache/huggingface/token"), { recursive: true });
        expect(token({})).toBeUndefined();
        const path = write("long", "x".repeat(5000));
        expect(token({}, { HF_TOKEN_PATH: path })).toBeUndefined();
        expect(token({}, { HF_TOKEN: "hf_x", HF_HUB_DISABLE_IMPLICIT_TOKEN: "1" })).toBeUndefined();
    });
});

describe("another address", () => {
    it("gets no token that was not made for it", () => {
        write(".cache/huggingface/token", "hf_file");
        expect(token({ endpoint: MIRROR })).toBeUndefined();
        expect(token({ endpoint: MIRROR }, { HF_TOKEN: "hf_env" })).toBeUndefined();
        expect(token({ endpoint: "http://huggingface.co" })).toBeUndefined();
        expect(token({ endpoint: MIRROR, token: "hf_own" })).toBe("hf_own");
    });

    it("that the environment names gets the environment's token", () => {
        const env = { HF_ENDPOINT: `${MIRROR}/`, HF_TOKEN: "hf_env" };
        expect(chooseAddress({}, env, home)).toEqual({ endpoint: MIRROR, token: "hf_env" });
        expect(token({ endpoint: `${MIRROR}/hub` }, env)).toBe("hf_env");
        expect(token({ endpoint: HUB }, env)).toBeUndefined();
    });
});

describe("offline mode", () => {
    it.each(["1", "on", "YES", "true"])("is on for %s", (value) => {
        expect(isOfflineMode({ HF_HUB_OFFLINE: value })).toBe(true);
    });
    it.each(["", "0", "off", "no"])("is off for %j", (value) => {
        expect(isOfflineMode({ HF_HUB_OFFLINE: value })).toBe(false);
    });
});
