/**
 * A Hugging Face Hub on loopback for tests: search, model info, paged file lists, access checks and resolve with signed redirects to a second
 * origin; what is published to it is kept in memory (fakeHubUploads.mjs). Paths, headers and JSON are those that the real Hub sends; faults can be
 * switched on while it runs. Serves folders, writes nothing to disk.
 * Plain Node, so that UI tests can start it too: `node -e 'import("./fakeHub.mjs").then(...)'`.
 */

import { createHash, randomBytes } from "node:crypto";
import { closeSync, openSync, readFileSync, readSync, readdirSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { join } from "node:path";
import { modelInfo, searchModels } from "./fakeHubModels.mjs";
import { serveUploads, serveUploadStore, uploadState } from "./fakeHubUploads.mjs";

const LFS_NAMES = /\.(safetensors|bin|gguf|model)$|^tokenizer\.json$/;

/**
 * @param {import("./fakeHub.mjs").FakeHubOptions} options
 * @returns {Promise<import("./fakeHub.mjs").FakeHub>}
 */
export async function startFakeHub({ repos, accounts = {}, pageSize = 50, faults = {}, tls }) {
    const state = {
        repos: new Map(Object.entries(repos).map(([id, given]) => [id, openRepo(id, given)])),
        accounts,
        ...uploadState(),
        pageSize,
        faults,
        requests: [],
        /** Signed address -> file, how often it was used, when it was made. */
        signed: new Map(),
        /** Bodies of the store under way. */
        nSending: 0,
        mostSending: 0,
        /** File bytes that the store has handed to the network. */
        sentBytes: 0,
        /** When the line is free again, at `bytesPerSecond`. */
        lineFreeMs: 0,
        url: "",
        storeUrl: "",
    };
    const hub = await listen((request, response) => serveHub(state, request, response), tls);
    const store = await listen((request, response) => serveStore(state, request, response), tls);
    state.url = hub.url;
    state.storeUrl = store.url;
    return {
        url: hub.url,
        storeUrl: store.url,
        requests: state.requests,
        faults: state.faults,
        get sentBytes() {
            return state.sentBytes;
        },
        get mostSending() {
            return state.mostSending;
        },
        get receivedBytes() {
            return state.receivedBytes;
        },
        commits: state.commits,
        /** Bytes of a file that was published; undefined for others. */
        published: (id, path) => state.repos.get(id)?.files.get(path)?.bytes,
        isPrivate: (id) => state.repos.get(id)?.private,
        commitOf: (id) => state.repos.get(id)?.commit,
        /** A push: the branch names another commit from now on, with the files as they are on disk. */
        push(id) {
            const { folder, commit } = state.repos.get(id);
            const pushed = createHash("sha1").update(`${commit}+`).digest("hex");
            state.repos.set(id, { ...openRepo(id, { ...repos[id], folder }), commit: pushed });
            return pushed;
        },
        close: async () => {
            await Promise.all([hub.close(), store.close()]);
        },
    };
}

function openRepo(id, given) {
    const { folder, ...more } = typeof given === "string" ? { folder: given } : given;
    const files = new Map();
    const walk = (inner) => {
        for (const entry of readdirSync(join(folder, inner), { withFileTypes: true })) {
            const path = inner ? `${inner}/${entry.name}` : entry.name;
            if (entry.isDirectory()) walk(path);
            else if (statSync(join(folder, path)).isFile()) files.set(path, openFile(folder, path));
        }
    };
    if (folder !== undefined) walk("");
    return { id, folder, commit: createHash("sha1").update(id).digest("hex"), files, ...more };
}

function openFile(folder, path) {
    const bytes = readFileSync(join(folder, path));
    const isLfs = LFS_NAMES.test(path);
    const sha1 = (text) => createHash("sha1").update(text).digest("hex");
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    return {
        disk: join(folder, path),
        path,
        size: bytes.length,
        isLfs,
        oid: isLfs ? sha1(sha256) : sha1(Buffer.concat([blobHead(bytes.length), bytes])),
        sha256,
    };
}

function blobHead(size) {
    return Buffer.from(`blob ${size}\0`);
}

async function listen(handler, tls) {
    const server = tls ? createTlsServer(tls, handler) : createServer(handler);
    await new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen(0, "127.0.0.1", resolve);
    });
    return {
        url: `${tls ? "https" : "http"}://127.0.0.1:${server.address().port}`,
        close: () =>
            new Promise((resolve) => {
                server.close(resolve);
                server.closeAllConnections();
            }),
    };
}

function record(state, server, request, response) {
    const entry = {
        server,
        method: request.method,
        path: request.url,
        headers: { ...request.headers },
        status: 0,
        bytes: 0,
    };
    state.requests.push(entry);
    response.on("close", () => (entry.status = response.statusCode));
    return entry;
}

/** Counts a fault down; true while it lasts. */
function strikes(faults, name) {
    if (!(faults[name] > 0)) return false;
    faults[name]--;
    return true;
}

function refuse(response, status, errorCode, message, headers = {}) {
    response.writeHead(status, {
        "Content-Type": "application/json; charset=utf-8",
        ...(errorCode ? { "X-Error-Code": errorCode } : {}),
        ...(message ? { "X-Error-Message": message } : {}),
        "X-Request-Id": "Root=1-fake",
        ...headers,
    });
    response.end(JSON.stringify({ error: message }));
}

function serveHub(state, request, response) {
    const entry = record(state, "hub", request, response);
    const { faults } = state;
    if (strikes(faults, "rateLimits"))
        return refuse(response, 429, "", "We had to rate limit your IP", {
            "Retry-After": String(faults.retryAfter ?? 7),
        });
    if (strikes(faults, "serverErrors"))
        return refuse(response, 503, "", "Service Unavailable", { "Content-Type": "text/html" });
    const url = new URL(request.url, state.url);
    const parts = url.pathname.slice(1).split("/").map(decodeURIComponent);
    if (faults.notAHub) {
        response.writeHead(200, { "Content-Type": "text/html" });
        return response.end("<html>Welcome</html>");
    }
    if (request.method !== "GET" && request.method !== "HEAD")
        return void serveUploads(state, request, response, url);
    if (url.pathname === "/api/whoami-v2") return void serveUploads(state, request, response, url);
    if (parts[0] === "api" && parts[1] === "models")
        return serveApi(state, request, response, url, parts.slice(2));
    if (parts[0] === "api" && parts[1] === "resolve-cache") {
        const [owner, name, , ...path] = parts.slice(3);
        const file = state.repos.get(`${owner}/${name}`)?.files.get(path.join("/"));
        if (!file) return refuse(response, 404, "EntryNotFound", "Entry not found");
        return sendFile(state, entry, request, response, file, `"${file.oid}"`);
    }
    if (parts[2] === "resolve") return serveResolve(state, request, response, parts);
    return refuse(response, 404, "", "Sorry, we can't find the page you are looking for.");
}

/** The repository, or undefined after the refusal was sent. Private and unknown repositories look the same. */
function admit(state, request, response, id) {
    const repo = state.repos.get(id);
    const token = /^Bearer (.*)$/.exec(request.headers.authorization ?? "")?.[1];
    const isMember = repo?.token !== undefined && token === repo.token;
    if (token !== undefined && state.faults.badToken === token) {
        refuse(response, 401, "", "Invalid credentials in Authorization header");
        return undefined;
    }
    if (repo && (!repo.private || isMember)) return repo;
    const status = token === undefined ? 401 : 404;
    const message = status === 401 ? "Invalid username or password." : "Repository not found";
    refuse(response, status, "RepoNotFound", message);
    return undefined;
}

function hasRevision(repo, revision) {
    return [repo.commit, "main", "HEAD", ...(repo.revisions ?? [])].includes(revision);
}

function serveApi(state, request, response, url, parts) {
    if (parts.length === 0 || parts[0] === "") {
        const found = [...state.repos.values()].filter((repo) => !repo.private && !repo.movedTo);
        return sendPage(state, response, url, searchModels(found, url.searchParams), "limit");
    }
    const [owner, name, verb, revision, ...inner] = parts;
    const id = `${owner}/${name}`;
    const { movedTo, movedOrigin = "" } = state.repos.get(id) ?? {};
    if (movedTo) {
        const path = `${url.pathname.replace(id, movedTo)}${url.search}`;
        response.writeHead(307, { Location: `${movedOrigin}${path}` });
        return response.end();
    }
    const repo = admit(state, request, response, id);
    if (!repo) return;
    if (verb === undefined) return sendJson(state, response, modelInfo(repo));
    if (verb === "auth-check") {
        if (isGatedFor(repo, request)) return refuseGated(response, repo, request);
        return sendJson(state, response, "OK");
    }
    if (!hasRevision(repo, revision))
        return refuse(response, 404, "RevisionNotFound", `Invalid rev id: ${revision}`);
    if (verb === "revision") return sendJson(state, response, modelInfo(repo));
    if (verb === "tree") return serveTree(state, response, url, repo, inner.join("/"));
    return refuse(response, 404, "", "Not found");
}

function isGatedFor(repo, request) {
    return repo.gated && request.headers.authorization !== `Bearer ${repo.token}`;
}

function refuseGated(response, repo, request) {
    const status = request.headers.authorization ? 403 : 401;
    return refuse(response, status, "GatedRepo", `Access to model ${repo.id} is restricted.`);
}

function serveTree(state, response, url, repo, folder) {
    const prefix = folder ? `${folder}/` : "";
    const isRecursive = url.searchParams.get("recursive") === "true";
    const entries = new Map();
    for (const file of repo.files.values()) {
        if (!file.path.startsWith(prefix)) continue;
        const inner = file.path.slice(prefix.length).split("/");
        for (let depth = 1; depth <= (isRecursive ? inner.length : 1); depth++) {
            const path = `${prefix}${inner.slice(0, depth).join("/")}`;
            entries.set(path, depth < inner.length ? directoryEntry(path) : fileEntry(file));
        }
    }
    if (folder && entries.size === 0)
        return refuse(response, 404, "EntryNotFound", `${folder} does not exist on "main"`);
    return sendPage(state, response, url, [...entries.values()]);
}

/** Pages of the Hub: at most so many entries, and the address of the next ones in the Link header. */
function sendPage(state, response, url, entries, limit = "") {
    const start = Number(url.searchParams.get("cursor") ?? 0);
    const asked = Number(url.searchParams.get(limit) ?? state.pageSize);
    const next = start + Math.min(asked, state.pageSize);
    const page = entries.slice(start, next);
    const headers = {};
    if (next < entries.length || state.faults.endlessPages) {
        url.searchParams.set("cursor", String(next));
        headers.Link = `<${state.url}${url.pathname}${url.search}>; rel="next"`;
    }
    return sendJson(state, response, page, headers);
}

function directoryEntry(path) {
    return { type: "directory", oid: "0".repeat(40), size: 0, path };
}

function fileEntry({ oid, size, path, isLfs, sha256 }) {
    const lfs = isLfs ? { lfs: { oid: sha256, size, pointerSize: 134 } } : {};
    return { type: "file", oid, size, ...lfs, path };
}

function sendJson(state, response, value, headers = {}) {
    const text = JSON.stringify(value);
    response.writeHead(200, {
        "Content-Type": "application/json; charset=utf-8",
        "Content-Length": Buffer.byteLength(text),
        ...headers,
    });
    if (!strikes(state.faults, "apiDrops")) return response.end(text);
    response.write(text.slice(0, text.length >> 1), () => response.destroy());
    return undefined;
}

function serveResolve(state, request, response, parts) {
    const [owner, name, , revision, ...inner] = parts;
    const repo = admit(state, request, response, `${owner}/${name}`);
    if (!repo) return;
    if (isGatedFor(repo, request)) return refuseGated(response, repo, request);
    if (!hasRevision(repo, revision))
        return refuse(response, 404, "RevisionNotFound", `Invalid rev id: ${revision}`);
    const file = repo.files.get(inner.join("/"));
    if (!file) return refuse(response, 404, "EntryNotFound", "Entry not found");
    const headers = { "X-Repo-Commit": repo.commit, "Accept-Ranges": "bytes" };
    if (!file.isLfs) {
        const path = inner.map(encodeURIComponent).join("/");
        response.writeHead(307, {
            ...headers,
            ETag: `"${file.oid}"`,
            Location: `/api/resolve-cache/models/${repo.id}/${repo.commit}/${path}`,
        });
        return response.end();
    }
    const key = randomBytes(8).toString("hex");
    state.signed.set(key, { file, uses: 0, madeMs: Date.now() });
    response.writeHead(302, {
        ...headers,
        "X-Linked-Size": String(file.size + (state.faults.linkedSizeGrowth ?? 0)),
        "X-Linked-ETag": `"${file.sha256}"`,
        "X-Xet-Hash": file.sha256,
        ETag: `"${file.oid}"`,
        Location: `${state.storeUrl}/repos/${file.sha256}?X-Amz-Expires=3600&Signature=${key}`,
    });
    return response.end();
}

function serveStore(state, request, response) {
    const entry = record(state, "store", request, response);
    const { faults } = state;
    const url = new URL(request.url, state.storeUrl);
    if (request.method === "PUT")
        return void serveUploadStore(state, entry, request, response, url);
    const key = url.searchParams.get("Signature");
    const signed = state.signed.get(key);
    // A store refuses a request that is signed twice: by its address and by a header.
    if (request.headers.authorization) return refuse(response, 400, "", "InvalidArgument");
    const isOld =
        signed &&
        (signed.uses >= (faults.signedUses ?? Infinity) ||
            Date.now() - signed.madeMs > (faults.signedMs ?? Infinity));
    if (strikes(faults, "storeLimits"))
        return refuse(response, 429, "", "Slow down", { "Retry-After": "3" });
    if (strikes(faults, "storeErrors")) return refuse(response, 503, "", "Please try again");
    if (!signed || isOld) {
        response.writeHead(403, { "Content-Type": "application/xml" });
        return response.end("<Error><Code>AccessDenied</Code></Error>");
    }
    signed.uses++;
    const isChanged =
        faults.etagChangesAfter !== undefined &&
        state.requests.filter(({ server }) => server === "store").length > faults.etagChangesAfter;
    const etag = isChanged ? `"changed-${signed.file.sha256}"` : `"${signed.file.sha256}"`;
    return sendFile(state, entry, request, response, signed.file, etag);
}

function sendFile(state, entry, request, response, file, etag) {
    const { faults } = state;
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
    const ifRange = request.headers["if-range"];
    const takesRange = range && !faults.noRange && (!ifRange || ifRange === etag);
    const start = takesRange ? Number(range[1]) : 0;
    const end = takesRange && range[2] ? Math.min(Number(range[2]) + 1, file.size) : file.size;
    if (start >= file.size && file.size > 0) {
        response.writeHead(416, { "Content-Range": `bytes */${file.size}` });
        return response.end();
    }
    const bytes = file.bytes
        ? Buffer.from(file.bytes.subarray(start, end))
        : readPart(file.disk, start, end - start);
    const isCorrupt = entry.server === "store" && start >= (faults.corruptFrom ?? 0);
    if (isCorrupt && bytes.length > 0 && strikes(faults, "corruptions"))
        bytes[bytes.length >> 1] ^= 1;
    response.writeHead(takesRange ? 206 : 200, {
        "Content-Type": "application/octet-stream",
        "Content-Length": bytes.length,
        ETag: etag,
        ...(faults.noRange ? {} : { "Accept-Ranges": "bytes" }),
        ...(takesRange ? { "Content-Range": `bytes ${start}-${end - 1}/${file.size}` } : {}),
    });
    if (request.method === "HEAD") return response.end();
    if (entry.server === "store" && strikes(faults, "stalls")) return response.write("");
    if (entry.server === "store" && strikes(faults, "drops")) {
        const part = bytes.subarray(0, faults.dropAfterBytes ?? bytes.length >> 1);
        entry.bytes = part.length;
        // A client loses what it has not taken yet when the connection breaks: leave it the time to take this part.
        return response.write(part, () => setTimeout(() => response.socket?.end(), 50));
    }
    if (entry.server !== "store") {
        entry.bytes = bytes.length;
        return response.end(bytes);
    }
    return send(state, entry, response, bytes, start);
}

/**
 * In chunks, as fast as the client takes them, or with `chunkMs` between them; every chunk is told to `onSent`. `start`: where in the file
 * the bytes begin.
 */
async function send(state, entry, response, bytes, start) {
    const { faults } = state;
    const chunkBytes = faults.chunkBytes ?? 64 * 1024;
    const gone = new Promise((resolve) => response.once("close", resolve));
    state.mostSending = Math.max(state.mostSending, ++state.nSending);
    response.flushHeaders();
    try {
        for (let at = 0; at < bytes.length; at += chunkBytes) {
            const chunk = bytes.subarray(at, at + chunkBytes);
            if (faults.chunkMs) await new Promise((resolve) => setTimeout(resolve, faults.chunkMs));
            if (faults.bytesPerSecond) await lineTime(state, chunk.length);
            const isGated = start + at >= (faults.gateFrom ?? 0);
            if (faults.gate && isGated) await Promise.race([faults.gate, gone]);
            if (response.destroyed) return;
            entry.bytes += chunk.length;
            state.sentBytes += chunk.length;
            const isTaken = response.write(chunk);
            faults.onSent?.(state.sentBytes);
            if (!isTaken)
                await Promise.race([
                    gone,
                    new Promise((resolve) => response.once("drain", resolve)),
                ]);
        }
        response.end();
    } finally {
        state.nSending--;
    }
}

/** All bodies share one line. Early by up to a timer's tick, so that the rate is kept on average. */
async function lineTime(state, bytes) {
    const nowMs = performance.now();
    state.lineFreeMs =
        Math.max(state.lineFreeMs, nowMs) + (bytes * 1000) / state.faults.bytesPerSecond;
    const waitMs = state.lineFreeMs - nowMs;
    if (waitMs > 2) await new Promise((resolve) => setTimeout(resolve, waitMs));
}

function readPart(path, start, length) {
    const handle = openSync(path, "r");
    try {
        const bytes = Buffer.alloc(length);
        return bytes.subarray(0, readSync(handle, bytes, 0, length, start));
    } finally {
        closeSync(handle);
    }
}
