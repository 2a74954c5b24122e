/** A certificate for 127.0.0.1 and localhost that signs itself, made anew for a test run and good for a day: X.509 in DER, RFC 5280. */

import { generateKeyPairSync, sign } from "node:crypto";

export interface TestCertificate {
    /** PEM. */
    key: string;
    cert: string;
}

export function makeCertificate(): TestCertificate {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const ecdsaWithSha256 = sequence(oid("2a8648ce3d040302"));
    const name = sequence(der(0x31, sequence(oid("550403"), der(0x0c, Buffer.from("localhost")))));
    const dayMs = 24 * 60 * 60 * 1000;
    const validity = sequence(time(Date.now() - dayMs), time(Date.now() + dayMs));
    const names = sequence(
        der(0x82, Buffer.from("localhost")),
        der(0x87, Buffer.from([127, 0, 0, 1])),
    );
    const isAuthority = sequence(der(0x01, Buffer.from([0xff])));
    const extensions = sequence(
        sequence(oid("551d11"), der(0x04, names)),
        sequence(oid("551d13"), der(0x01, Buffer.from([0xff])), der(0x04, isAuthority)),
    );
    const body = sequence(
        der(0xa0, der(0x02, Buffer.from([2]))),
        der(0x02, Buffer.from([1])),
        ecdsaWithSha256,
        name,
        validity,
        name,
        publicKey.export({ type: "spki", format: "der" }),
        der(0xa3, extensions),
    );
    const signature = Buffer.concat([Buffer.from([0]), sign("sha256", body, privateKey)]);
    const whole = sequence(body, ecdsaWithSha256, der(0x03, signature));
    const lines = whole.toString("base64").match(/.{1,64}/g) ?? [];
    return {
        key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
        cert: ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n"),
    };
}

/** One value: tag, length, content. */
function der(tag: number, content: Buffer): Buffer {
    const { length } = content;
    const size =
        length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
    return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...parts: Buffer[]): Buffer {
    return der(0x30, Buffer.concat(parts));
}

function oid(hex: string): Buffer {
    return der(0x06, Buffer.from(hex, "hex"));
}

/** UTCTime. */
function time(ms: number): Buffer {
    const digits = new Date(ms).toISOString().replace(/\D/g, "").slice(2, 14);
    return der(0x17, Buffer.from(`${digits}Z`));
}
