/**
 * The writing half of the fake Hub: whoami, new repositories, preupload, LFS batch (whole or in parts), completion, verification, commits and pull
 * requests, with the Hub's own paths and statuses. Objects are kept in memory; a commit puts them into the repository's list.
 */

import { createHash, randomBytes } from "node:crypto";

const LFS_NAMES = /\.(safetensors|bin|gguf|model)$|^tokenizer\.json$/;

/** @param {string} algorithm @param {string | Uint8Array} bytes */
const hashOf = (algorithm, bytes) => createHash(algorithm).update(bytes).digest("hex");

/** What a fake Hub remembers of uploads. */
export function uploadState() {
    return {
        /** SHA-256 -> bytes. */
        objects: new Map(),
        /** Upload id -> its parts. */
        uploads: new Map(),
        /** Bytes of bodies that the store has taken in, also of parts that broke off. */
        receivedBytes: 0,
        nPullRequests: 0,
        /** Every commit that was made: repository, message, paths, whether it is a pull request. */
        commits: [],
    };
}

/** @param {any} request */
async function readBody(request, onBytes = undefined) {
    const chunks = [];
    for await (const chunk of request) {
        chunks.push(chunk);
        await onBytes?.(chunk.length);
    }
    return Buffer.concat(chunks);
}

function send(response, status, value, headers = {}) {
    const text = JSON.stringify(value);
    response.writeHead(status, { "Content-Type": "application/json; charset=utf-8", ...headers });
    response.end(text);
}

function strikes(faults, name) {
    if (!(faults[name] > 0)) return false;
    faults[name]--;
    return true;
}

function accountOf(state, request) {
    const token = /^Bearer (.*)$/.exec(request.headers.authorization ?? "")?.[1];
    return token === undefined ? undefined : state.accounts[token];
}

function mayWrite(account, repo) {
    const [owner] = repo.split("/");
    const { role = "write", scopes = [] } = account;
    if (![account.name, ...(account.orgs ?? [])].includes(owner)) return false;
    if (role !== "fineGrained") return role !== "read";
    return scopes.some(
        ({ entity, permissions }) =>
            [owner, repo].includes(entity) && permissions.includes("repo.write"),
    );
}

/** Answers the request if it is one of these; false when it is not. */
export async function serveUploads(state, request, response, url) {
    const parts = url.pathname.slice(1).split("/").map(decodeURIComponent);
    if (url.pathname === "/api/whoami-v2") return whoami(state, request, response);
    if (request.method !== "POST") return false;
    const body = await readBody(request);
    if (strikes(state.faults, "postErrors")) return send(response, 500, { error: "Internal" });
    if (url.pathname === "/api/repos/create") return create(state, request, response, body);
    if (url.pathname === "/api/complete_multipart") return complete(state, response, url, body);
    const lfs = /^\/([^/]+\/[^/]+)\.git\/info\/lfs\/objects\/(batch|verify)$/.exec(url.pathname);
    const repo = lfs?.[1] ?? parts.slice(2, 4).join("/");
    const account = accountOf(state, request);
    if (!account) return send(response, 401, { error: "Invalid username or password." });
    if (!state.repos.has(repo)) return send(response, 404, { error: "Repository not found" });
    if (!mayWrite(account, repo))
        return send(response, 403, { error: `You don't have the rights to write to ${repo}` });
    if (lfs?.[2] === "batch") return batch(state, response, repo, JSON.parse(String(body)));
    if (lfs?.[2] === "verify") return verify(state, response, JSON.parse(String(body)));
    if (parts[4] === "preupload") return preupload(response, JSON.parse(String(body)));
    if (parts[4] === "commit") return commit(state, response, url, repo, String(body));
    return send(response, 404, { error: "Not found" });
}

function whoami(state, request, response) {
    const account = accountOf(state, request);
    if (!account)
        return send(response, 401, { error: "Invalid credentials in Authorization header" });
    const { name, orgs = [], role = "write", scopes = [] } = account;
    const fineGrained = {
        global: [],
        scoped: scopes.map(({ entity, permissions }) => ({
            entity: { type: "user", name: entity },
            permissions,
        })),
    };
    return send(response, 200, {
        type: "user",
        id: hashOf("sha1", name),
        name,
        fullname: name,
        orgs: orgs.map((org) => ({ type: "org", name: org, roleInOrg: "write" })),
        auth: {
            type: "access_token",
            accessToken: {
                displayName: "test",
                role,
                ...(role === "fineGrained" ? { fineGrained } : {}),
            },
        },
    });
}

function create(state, request, response, body) {
    const account = accountOf(state, request);
    if (!account) return send(response, 401, { error: "Invalid username or password." });
    const { name, organization, private: isPrivate } = JSON.parse(String(body));
    const id = `${organization ?? account.name}/${name}`;
    if (state.repos.has(id))
        return send(response, 409, { error: "You already created this model repo" });
    if (!mayWrite(account, id))
        return send(response, 403, { error: `You don't have the rights to create ${id}` });
    const token = /^Bearer (.*)$/.exec(request.headers.authorization ?? "")?.[1];
    const files = new Map();
    addFile(files, ".gitattributes", Buffer.from("*.gguf filter=lfs diff=lfs merge=lfs -text\n"));
    const firstCommit = hashOf("sha1", id);
    const repo = { id, files, commit: firstCommit, private: isPrivate === true, token };
    state.repos.set(id, repo);
    return send(response, 200, { url: `${state.url}/${id}`, id });
}

function preupload(response, { files }) {
    const modes = files.map(({ path, size }) => ({
        path,
        uploadMode: LFS_NAMES.test(path) || size > 10 * 1024 * 1024 ? "lfs" : "regular",
        shouldIgnore: false,
    }));
    return send(response, 200, { files: modes });
}

function batch(state, response, repo, { objects, transfers }) {
    const { faults } = state;
    const action = (href, header = {}) => ({ href, header, expires_in: 86_400 });
    const answers = objects.map(({ oid, size }) => {
        if (faults.lfsError) return { oid, size, error: { code: 422, message: faults.lfsError } };
        if (state.objects.has(oid)) return { oid, size };
        const id = randomBytes(8).toString("hex");
        const chunkBytes = faults.partBytes;
        const address = (query) =>
            `${state.storeUrl}/upload/${oid}?uploadId=${id}&X-Amz-Signature=${randomBytes(4).toString("hex")}${query}`;
        state.uploads.set(id, { oid, size, parts: new Map(), uses: 0 });
        const verifying = action(`${state.url}/${repo}.git/info/lfs/objects/verify`);
        const inParts = chunkBytes !== undefined && transfers.includes("multipart");
        if (!inParts)
            return { oid, size, actions: { upload: action(address("")), verify: verifying } };
        const header = { chunk_size: String(chunkBytes) };
        for (let part = 1; part <= Math.ceil(size / chunkBytes); part++)
            header[String(part).padStart(5, "0")] = address(`&partNumber=${part}`);
        const completing = `${state.url}/api/complete_multipart?uploadId=${id}`;
        return { oid, size, actions: { upload: action(completing, header), verify: verifying } };
    });
    const transfer = faults.partBytes === undefined ? "basic" : "multipart";
    return send(response, 200, { transfer, objects: answers });
}

/** The store's side: a file, or a part of one. */
export async function serveUploadStore(state, entry, request, response, url) {
    const { faults } = state;
    const upload = state.uploads.get(url.searchParams.get("uploadId"));
    // As S3: no stream without a length, no second way of signing.
    if (request.headers.authorization !== undefined)
        return send(response, 400, { error: "InvalidArgument" });
    if (request.headers["content-length"] === undefined)
        return send(response, 411, { error: "MissingContentLength" });
    await faults.uploadGate?.(state.receivedBytes);
    const bytes = await readBody(request, (n) => {
        entry.bytes += n;
        state.receivedBytes += n;
        return faults.onReceived?.(state.receivedBytes);
    }).catch(() => undefined);
    if (bytes === undefined) return undefined;
    if (strikes(faults, "putErrors")) return send(response, 500, { error: "Please try again" });
    const isOld = !upload || upload.isGone || upload.uses >= (faults.uploadUses ?? Infinity);
    if (isOld) {
        if (upload) upload.isGone = true;
        response.writeHead(403, { "Content-Type": "application/xml" });
        return response.end("<Error><Code>AccessDenied</Code></Error>");
    }
    upload.uses++;
    if (strikes(faults, "damagedParts")) bytes[bytes.length >> 1] ^= 1;
    const tag = `"${hashOf("md5", bytes)}"`;
    const part = url.searchParams.get("partNumber");
    if (part !== null) upload.parts.set(Number(part), { bytes, tag });
    else state.objects.set(upload.oid, bytes);
    response.writeHead(200, { ETag: tag });
    return response.end();
}

function complete(state, response, url, body) {
    const upload = state.uploads.get(url.searchParams.get("uploadId"));
    if (!upload) return send(response, 404, { error: "NoSuchUpload" });
    const { oid, parts } = JSON.parse(String(body));
    const isWhole = parts.every(
        ({ partNumber, etag }) => upload.parts.get(partNumber)?.tag === etag,
    );
    if (!isWhole) return send(response, 400, { error: "InvalidPart" });
    const bytes = Buffer.concat(parts.map(({ partNumber }) => upload.parts.get(partNumber).bytes));
    if (hashOf("sha256", bytes) !== oid || oid !== upload.oid)
        return send(response, 400, { error: "The SHA-256 of the object is another one" });
    state.objects.set(oid, bytes);
    state.uploads.delete(url.searchParams.get("uploadId"));
    return send(response, 200, {});
}

function verify(state, response, { oid, size }) {
    const bytes = state.objects.get(oid);
    const isRight = bytes?.length === size && hashOf("sha256", bytes) === oid;
    if (!isRight) state.objects.delete(oid);
    return send(response, isRight ? 200 : 422, isRight ? {} : { error: "Object does not match" });
}

function commit(state, response, url, id, text) {
    const { faults } = state;
    if (faults.commitStatus)
        return send(response, faults.commitStatus, { error: faults.commitWords ?? "" });
    const lines = text.split("\n").map((line) => JSON.parse(line));
    const repo = state.repos.get(id);
    const { summary, parentCommit } = lines[0].value;
    if (parentCommit !== undefined && parentCommit !== repo.commit)
        return send(response, 412, { error: "A commit has happened since" });
    const files = new Map(repo.files);
    for (const { key, value } of lines.slice(1)) {
        if (key === "lfsFile" && !state.objects.has(value.oid))
            return send(response, 400, { error: `No LFS object ${value.oid}` });
        if (key === "lfsFile") addFile(files, value.path, state.objects.get(value.oid), value.oid);
        else addFile(files, value.path, Buffer.from(value.content, "base64"));
    }
    const commitOid = hashOf("sha1", `${repo.commit}${text}`);
    const isPullRequest = url.searchParams.get("create_pr") === "1";
    const paths = lines.slice(1).map(({ value }) => value.path);
    state.commits.push({ repo: id, message: summary, paths, isPullRequest, commit: commitOid });
    if (!isPullRequest) state.repos.set(id, { ...repo, files, commit: commitOid });
    if (strikes(faults, "lostCommits")) return response.destroy();
    const commitUrl = `${state.url}/${id}/commit/${commitOid}`;
    if (!isPullRequest)
        return send(response, 200, { success: true, commitOid, commitUrl, hookOutput: "" });
    const number = ++state.nPullRequests;
    return send(response, 200, {
        success: true,
        commitOid,
        commitUrl,
        pullRequestUrl: `${state.url}/${id}/discussions/${number}`,
    });
}

function addFile(files, path, bytes, sha256 = hashOf("sha256", bytes)) {
    const isLfs = LFS_NAMES.test(path);
    const blob = Buffer.concat([Buffer.from(`blob ${bytes.length}\0`), bytes]);
    const oid = isLfs ? hashOf("sha1", sha256) : hashOf("sha1", blob);
    files.set(path, { path, bytes, size: bytes.length, isLfs, oid, sha256 });
}
