// Files to the Hub: what is sent, what is not sent again, and what every kind of failure leaves.
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readGguf } from "../../../src/gguf/read";
import { checkParts } from "../../../src/gguf/parts";
import { hubFiles } from "../../../src/foundry/publish/split";
import { PieceReader } from "../../../src/foundry/publish/pieces";
import { hashOf } from "../../support/hashes";
import { failure } from "../hub/fixture";
import { CARD, ME, REPO, startFixture, TOKEN, writes, type Fixture } from "./fixture";

let fixture: Fixture;
let file: string;
let size: number;

beforeEach(async () => {
    fixture = await startFixture();
    file = fixture.model("tiny-Q8_0.gguf");
    size = statSync(file).size;
});
afterEach(() => fixture.close());

const oidOf = (path: string) => hashOf(readFileSync(path));
/** In one after the other, so that counts are exact. */
const ONE = { connections: 1 };

describe("a publication", () => {
    it("makes the repository, sends the file whole, and commits once", async () => {
        const { hub, run, journals } = fixture;
        const result = await run({ files: [file] });
        expect(result).toMatchObject({ isCreated: true, isUnchanged: false, bytes: size });
        expect(writes(hub)).toEqual([
            "POST /api/repos/create",
            `POST /api/models/${REPO}/preupload/main`,
            `POST /${REPO}.git/info/lfs/objects/batch`,
            `PUT /upload/${oidOf(file)}`,
            `POST /${REPO}.git/info/lfs/objects/verify`,
            `POST /api/models/${REPO}/commit/main`,
        ]);
        expect(hub.published(REPO, "tiny-Q8_0.gguf")).toEqual(readFileSync(file));
        expect(Buffer.from(hub.published(REPO, "README.md") ?? []).toString()).toBe(CARD);
        expect(hub.commits).toMatchObject([
            { message: "Add tiny-Q8_0.gguf", paths: ["tiny-Q8_0.gguf", "README.md"] },
        ]);
        expect(result.commit).toBe(hub.commitOf(REPO));
        expect(hub.receivedBytes).toBe(size);
        expect(journals()).toEqual([]);
    });

    it("in parts: every byte once, whatever the number of connections", async () => {
        const { hub, run } = fixture;
        hub.faults.partBytes = 3000;
        await run({ files: [file] });
        const puts = hub.requests.filter(({ method }) => method === "PUT");
        expect(puts.length).toBe(Math.ceil(size / 3000));
        expect(hub.receivedBytes).toBe(size);
        expect(hub.published(REPO, "tiny-Q8_0.gguf")).toEqual(readFileSync(file));
    });

    it("is private when asked, and refuses a repository of the other kind", async () => {
        const { hub, run } = fixture;
        await run({ files: [file], private: true });
        expect(hub.isPrivate(REPO)).toBe(true);
        const sent = writes(hub).length;
        const error = await failure(run({ files: [file], private: false }));
        expect(error.message).toContain("is there already and private, not public");
        expect(writes(hub).length).toBe(sent);
    });

    it("again: nothing is sent and no commit made; of two files only the new one goes", async () => {
        const { hub, run, model } = fixture;
        await run({ files: [file] });
        const again = await run({ files: [file] });
        expect(again).toMatchObject({ isUnchanged: true, isCreated: false, bytes: 0 });
        expect(hub.commits.length).toBe(1);
        const other = model("tiny-Q4_0.gguf", {}, 7);
        const third = await run({ files: [file, other] });
        expect(third.bytes).toBe(statSync(other).size);
        expect(third.files.map(({ isNew }) => isNew)).toEqual([false, true, false]);
        expect(hub.commits[1]?.paths).toEqual(["tiny-Q4_0.gguf"]);
        expect(hub.receivedBytes).toBe(size + statSync(other).size);
    });

    it("as a pull request leaves the branch as it is", async () => {
        const { hub, run, model } = fixture;
        await run({ files: [file] });
        const before = hub.commitOf(REPO);
        const result = await run({ files: [model("b.gguf", {}, 3)], pullRequest: true });
        expect(result.pullRequestUrl).toBe(`${hub.url}/${REPO}/discussions/1`);
        expect(hub.commitOf(REPO)).toBe(before);
        expect(hub.commits[1]).toMatchObject({ isPullRequest: true });
    });

    it("tells hashing, sending and committing, and ends with all bytes", async () => {
        const { events, run } = fixture;
        await run({ files: [file] });
        expect([...new Set(events.map(({ stage }) => stage))]).toEqual([
            "list",
            "hash",
            "upload",
            "commit",
        ]);
        const last = events.filter(({ stage }) => stage === "upload").at(-1);
        expect(last?.doneBytes).toBe(last?.totalBytes);
        expect(last?.totalBytes).toBe(size + CARD.length);
    });

    it("gives the token to the Hub and to nobody else, and never to the log", async () => {
        const { hub, run, log } = fixture;
        hub.faults.partBytes = 4000;
        await run({ files: [file] });
        const authorization = (server: string) =>
            new Set(
                hub.requests
                    .filter((request) => request.server === server)
                    .map(({ headers }) => headers["authorization"]),
            );
        expect(authorization("hub")).toEqual(new Set([`Bearer ${TOKEN}`]));
        expect(authorization("store")).toEqual(new Set([undefined]));
        expect(JSON.stringify(log)).not.toContain(TOKEN);
        expect(JSON.stringify(log)).not.toContain("X-Amz-Signature");
    });
});

describe("an upload that stops", () => {
    /** Cancelled when so many bytes have arrived. */
    const cancelAt = async (bytes: number) => {
        const { hub, run } = fixture;
        const controller = new AbortController();
        hub.faults.uploadGate = (received) => {
            if (received < bytes) return undefined;
            controller.abort();
            return new Promise(() => undefined);
        };
        const error = await failure(run({ files: [file] }, ONE, controller.signal));
        delete hub.faults.uploadGate;
        return error;
    };

    it("goes on with the missing parts only", async () => {
        const { hub, run, journals } = fixture;
        hub.faults.partBytes = 3000;
        expect((await cancelAt(6000)).code).toBe("cancelled");
        expect(hub.receivedBytes).toBe(6000);
        const [journal = ""] = journals();
        expect(statSync(join(fixture.folder, "uploads", journal)).mode & 0o777).toBe(0o600);
        const result = await run({ files: [file] }, ONE);
        expect(result.bytes).toBe(size - 6000);
        expect(hub.receivedBytes).toBe(size);
        expect(hub.published(REPO, "tiny-Q8_0.gguf")).toEqual(readFileSync(file));
        expect(journals()).toEqual([]);
    });

    it("begins anew where the journal is torn or of something else", async () => {
        const { hub, run, journals, folder } = fixture;
        hub.faults.partBytes = 3000;
        await cancelAt(6000);
        const path = join(folder, "uploads", journals()[0] ?? "");
        writeFileSync(path, readFileSync(path, "utf8").replace(oidOf(file), "0".repeat(64)));
        await run({ files: [file] }, ONE);
        expect(hub.receivedBytes).toBe(6000 + size);
    });

    it("sends again the one part whose line was cut off", async () => {
        const { hub, run, journals, folder } = fixture;
        hub.faults.partBytes = 3000;
        await cancelAt(6000);
        const path = join(folder, "uploads", journals()[0] ?? "");
        writeFileSync(path, readFileSync(path, "utf8").slice(0, -3));
        await run({ files: [file] }, ONE);
        expect(hub.receivedBytes).toBe(size + 3000);
    });

    it("with a file that changed meanwhile is another upload", async () => {
        const { hub, run, model } = fixture;
        hub.faults.partBytes = 3000;
        await cancelAt(6000);
        model("tiny-Q8_0.gguf", {}, 99);
        await run({ files: [file] }, ONE);
        expect(hub.receivedBytes).toBe(6000 + size);
        expect(hub.published(REPO, "tiny-Q8_0.gguf")).toEqual(readFileSync(file));
    });

    it("does not send a finished object again", async () => {
        const { hub, run, model } = fixture;
        const second = model("b.gguf", {}, 3);
        hub.faults.commitStatus = 500;
        const error = await failure(run({ files: [file, second] }));
        expect(error.message).toContain("what is done is kept");
        delete hub.faults.commitStatus;
        const result = await run({ files: [file, second] });
        expect(result).toMatchObject({ bytes: 0, isUnchanged: false, isCreated: false });
        expect(hub.receivedBytes).toBe(size + statSync(second).size);
    });
});

describe("faults of the other side", () => {
    it("500 once: the part goes again after a wait", async () => {
        const { hub, run, waits } = fixture;
        hub.faults.partBytes = 3000;
        hub.faults.putErrors = 1;
        const result = await run({ files: [file] }, ONE);
        expect(result.bytes).toBe(size);
        expect(hub.receivedBytes).toBe(size + 3000);
        expect(waits).toEqual([500]);
    });

    it("an address that has run out is replaced, once per upload", async () => {
        const { hub, run } = fixture;
        hub.faults.partBytes = 3000;
        hub.faults.uploadUses = 2;
        const stop = setTimeouts(hub);
        const result = await run({ files: [file] }, ONE);
        stop();
        expect(hub.published(REPO, "tiny-Q8_0.gguf")).toEqual(readFileSync(file));
        expect(result.bytes).toBe(6000 + size);
        const batches = writes(hub).filter((line) => line.endsWith("/batch"));
        expect(batches.length).toBe(2);
    });

    it("a damaged part: refused by its hash, and nothing is kept of it", async () => {
        const { hub, run, journals } = fixture;
        hub.faults.partBytes = 3000;
        hub.faults.damagedParts = 1;
        const error = await failure(run({ files: [file] }, ONE));
        expect([error.code, hub.commits.length]).toEqual(["data/hash", 0]);
        expect(error.message).toContain("arrived damaged");
        expect(journals()).toEqual([]);
        await run({ files: [file] }, ONE);
        expect(hub.published(REPO, "tiny-Q8_0.gguf")).toEqual(readFileSync(file));
    });

    it("a damaged whole file is found by the verification", async () => {
        const { hub, run } = fixture;
        hub.faults.damagedParts = 1;
        const error = await failure(run({ files: [file] }));
        expect([error.code, hub.commits.length]).toEqual(["data/hash", 0]);
    });

    it("a commit whose answer was lost is found, not made twice", async () => {
        const { hub, run } = fixture;
        hub.faults.lostCommits = 1;
        const result = await run({ files: [file] });
        expect(result.commit).toBe(hub.commitOf(REPO));
        expect(hub.commits.length).toBe(1);
    });

    it("a pull request whose answer was lost is not opened twice", async () => {
        const { hub, run, model } = fixture;
        await run({ files: [file] });
        hub.faults.lostCommits = 1;
        const error = await failure(run({ files: [model("b.gguf", {}, 3)], pullRequest: true }));
        expect(error.message).toContain("look there whether it was");
        expect(hub.commits.length).toBe(2);
    });

    it.each([
        [409, "", "net/http", "was changed by somebody else"],
        [412, "", "net/http", "was changed by somebody else"],
        [413, "", "net/http", "is larger than"],
        [403, "Private repository storage limit reached", "net/auth", "storage limit reached"],
        [400, "Invalid metadata in README.md", "user/usage", "Invalid metadata in README.md"],
        [500, "", "net/http", "has a problem (status 500)"],
    ])("a commit that gets %i", async (status, words, code, message) => {
        const { hub, run } = fixture;
        hub.faults.commitStatus = status;
        hub.faults.commitWords = words;
        const error = await failure(run({ files: [file] }));
        expect(error.code).toBe(code);
        expect(error.message).toContain(message);
        expect(error.message).not.toContain(TOKEN);
    });

    it("an object that the Hub does not take: its words", async () => {
        const { hub, run } = fixture;
        hub.faults.lfsError = "You have used up your storage";
        const error = await failure(run({ files: [file] }));
        expect(error.message).toContain("it says: You have used up your storage");
    });

    it("a rate limit is waited for as the Hub says", async () => {
        const { hub, run, waits } = fixture;
        hub.faults.rateLimits = 1;
        hub.faults.retryAfter = 9;
        await run({ files: [file] });
        expect(waits).toEqual([9000]);
    });
});

describe("who may publish", () => {
    it.each([
        ["hf_read", "may not write to"],
        ["hf_none", "does not accept the token"],
    ])("refuses %s before anything is sent", async (token, message) => {
        const { hub, run, events } = fixture;
        const error = await failure(run({ files: [file], token }));
        expect([error.code, error.page]).toEqual(["net/auth", `${hub.url}/settings/tokens`]);
        expect(error.message).toContain(message);
        expect(error.message).not.toContain(token);
        expect(writes(hub)).toEqual([]);
        expect(events.some(({ stage }) => stage === "hash")).toBe(false);
    });

    it("asks for a token when there is none", async () => {
        const error = await failure(fixture.run({ files: [file], token: undefined }));
        expect(error.message).toContain("needs a token");
        expect(fixture.hub.requests).toEqual([]);
    });

    it("publishes for an organization, and for nobody else", async () => {
        const { run, hub } = fixture;
        await run({ files: [file], repo: "guild/Tiny-GGUF" });
        expect(hub.commitOf("guild/Tiny-GGUF")).toBe(hub.commits[0]?.commit);
        const error = await failure(run({ files: [file], repo: "other/Tiny-GGUF" }));
        expect(error.message).toContain(`cannot publish as other; choose one of ${ME}, guild`);
    });

    it.each([
        [[], false],
        [[{ entity: ME, permissions: ["repo.content.read"] }], false],
        [[{ entity: ME, permissions: ["repo.write"] }], true],
        [[{ entity: REPO, permissions: ["repo.content.read", "repo.write"] }], true],
        [[{ entity: "guild", permissions: ["repo.write"] }], false],
    ])("a fine-grained token with %j", async (scopes, isAllowed) => {
        await fixture.close();
        fixture = await startFixture({
            accounts: { [TOKEN]: { name: ME, role: "fineGrained", scopes } },
        });
        file = fixture.model("tiny-Q8_0.gguf");
        const work = fixture.run({ files: [file] });
        if (isAllowed) expect((await work).isCreated).toBe(true);
        else expect((await failure(work)).code).toBe("net/auth");
    });
});

describe("a file over the Hub's limit", () => {
    it("goes in parts that are one model, without a copy on the disk", async () => {
        const { hub, run, folder } = fixture;
        const before = readdirSync(folder);
        const result = await run({ files: [file] }, { fileBytes: 8000 });
        const paths = result.files.map(({ path }) => path).filter((path) => path !== "README.md");
        expect(paths.length).toBeGreaterThan(1);
        expect(paths[0]).toBe(`tiny-Q8_0-00001-of-0000${paths.length}.gguf`);
        const parts = await Promise.all(paths.map((path) => parse(hub.published(REPO, path))));
        checkParts(parts.map(({ header }) => header));
        const whole = await parse(readFileSync(file));
        expect(parts.flatMap(tensorsOf)).toEqual(tensorsOf(whole));
        expect(parts[0]?.header.metadata.get("general.license")?.value).toBe("apache-2.0");
        expect(readdirSync(folder)).toEqual([...before, "uploads"].sort());
    });

    it("has the size that was planned", async () => {
        const { pieces } = await hubFiles(file, 8000);
        for (const piece of pieces) {
            const reader = await PieceReader.open(piece);
            const bytes = await reader.bytes(0, piece.sizeBytes + 1000);
            await reader.close();
            expect(bytes.length).toBe(piece.sizeBytes);
        }
    });
});

async function parse(bytes: Uint8Array | undefined) {
    const all = bytes ?? new Uint8Array();
    const header = await readGguf({
        size: all.length,
        read: (offset, length) => Promise.resolve(all.subarray(offset, offset + length)),
    });
    return { header, all };
}

function tensorsOf({ header, all }: Awaited<ReturnType<typeof parse>>) {
    return header.tensors.map(({ name, offset, sizeBytes }) => {
        const start = header.dataOffset + offset;
        return [name, hashOf(all.subarray(start, start + sizeBytes))];
    });
}

/** The next upload's addresses hold. */
function setTimeouts({ faults, requests }: Fixture["hub"]): () => void {
    faults.onReceived = () => {
        const batches = requests.filter(({ path }) => path.endsWith("/batch"));
        if (batches.length > 1) delete faults.uploadUses;
        return undefined;
    };
    return () => delete faults.onReceived;
}
