// Unpacks a vsix (a zip) into a folder: reads the central directory and inflates entry by entry. Only for packages that
// scripts/package.mjs made: no encryption, no zip64.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, normalize, sep } from "node:path";
import { inflateRawSync } from "node:zlib";

// PKWARE APPNOTE 6.3.10, sections 4.3.7, 4.3.12, 4.3.16.
const END_SIGNATURE = 0x06054b50;
const END_BYTES = 22;
const ENTRY_SIGNATURE = 0x02014b50;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
const STORED = 0;

/**
 * @param {string} vsix
 * @param {string} folder Gets `extension/`, the extension as VS Code installs it.
 * @returns {string[]} The files below `extension/`, `/` separated.
 */
export function unpackVsix(vsix, folder) {
    const zip = readFileSync(vsix);
    const end = zip.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
    if (end < 0 || zip.length - end < END_BYTES || zip.readUInt32LE(end) !== END_SIGNATURE)
        throw new Error(`${vsix} is not a zip file`);
    const nEntries = zip.readUInt16LE(end + 10);
    const files = [];
    for (let i = 0, at = zip.readUInt32LE(end + 16); i < nEntries; i++) {
        if (zip.readUInt32LE(at) !== ENTRY_SIGNATURE) throw new Error(`${vsix} is damaged`);
        const nameBytes = zip.readUInt16LE(at + 28);
        const name = zip.toString("utf8", at + ENTRY_BYTES, at + ENTRY_BYTES + nameBytes);
        if (name.startsWith("extension/") && !name.endsWith("/")) {
            const path = normalize(join(folder, name));
            if (!path.startsWith(normalize(folder) + sep))
                throw new Error(`${vsix} has an entry outside of its folder: ${name}`);
            mkdirSync(dirname(path), { recursive: true });
            writeFileSync(path, content(zip, at));
            files.push(name.slice("extension/".length));
        }
        at += ENTRY_BYTES + nameBytes + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
    }
    return files;
}

/** @param {Buffer} zip @param {number} at Offset of the entry in the central directory. */
function content(zip, at) {
    const method = zip.readUInt16LE(at + 10);
    const packedBytes = zip.readUInt32LE(at + 20);
    const local = zip.readUInt32LE(at + 42);
    const start = local + LOCAL_BYTES + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const packed = zip.subarray(start, start + packedBytes);
    return method === STORED ? packed : inflateRawSync(packed);
}
