/** The Hub's token and the questions after a refusal: what is asked, what is tried again, what belongs to which address. */

import { describe, expect, it } from "vitest";
import { AppError } from "../../../../src/base/errors";
import {
    ACCESS,
    hubAddress,
    hubOrigin,
    proxyEnvironment,
    tokenProblem,
    withAccess,
} from "../../../../src/host/models/hubAccess";
import { rejection } from "../../../support/failure";

const PAGE = "https://huggingface.co/owner/gated";
const refused = () => new AppError("net/auth", "owner/gated is gated", { page: PAGE });

function ui(answers: (string | undefined)[], setsToken = true) {
    const seen: string[] = [];
    return {
        seen,
        choose: async (text: string, labels: readonly string[]) => {
            seen.push(`${text}: ${labels.join(", ")}`);
            return answers.shift();
        },
        openPage: async (address: string) => void seen.push(address),
        setToken: async () => {
            seen.push("token");
            return setsToken;
        },
    };
}

/** Refused so often, then done. */
function work(nRefusals: number, error: () => unknown = refused) {
    let n = 0;
    return async () => {
        if (n++ < nRefusals) throw error();
        return n;
    };
}

describe("withAccess", () => {
    it("asks nothing when the work succeeds", async () => {
        const asked = ui([]);
        expect(await withAccess(work(0), asked)).toBe(1);
        expect(asked.seen).toEqual([]);
    });

    it("opens the page, and tries again when the person says so", async () => {
        const asked = ui([ACCESS.page, ACCESS.again]);
        expect(await withAccess(work(1), asked)).toBe(2);
        const question = "owner/gated is gated: Open Page, Set Token, Try Again";
        expect(asked.seen).toEqual([question, PAGE, question]);
    });

    it("tries again with a new token, as often as it takes", async () => {
        const asked = ui([ACCESS.token, ACCESS.token]);
        expect(await withAccess(work(2), asked)).toBe(3);
        expect(asked.seen.filter((line) => line === "token").length).toBe(2);
    });

    it("asks again when no token was given", async () => {
        const asked = ui([ACCESS.token, ACCESS.again], false);
        expect(await withAccess(work(1), asked)).toBe(2);
        expect(asked.seen.length).toBe(3);
    });

    it("is cancelled when the person closes it, and offers no page that it does not know", async () => {
        const asked = ui([undefined]);
        const bad = () => new AppError("net/auth", "The token is not accepted");
        expect((await rejection(withAccess(work(1, bad), asked))).code).toBe("cancelled");
        expect(asked.seen).toEqual(["The token is not accepted: Set Token, Try Again"]);
    });

    it("passes other errors on", async () => {
        const asked = ui([ACCESS.again]);
        const offline = () => new AppError("net/offline", "cannot be reached");
        expect((await rejection(withAccess(work(1, offline), asked))).code).toBe("net/offline");
        expect(asked.seen).toEqual([]);
    });
});

describe("addresses", () => {
    it("are the setting's, else the environment's, else the public Hub's", () => {
        expect(hubAddress("", {})).toBe("https://huggingface.co");
        expect(hubAddress("", { HF_ENDPOINT: "https://mirror.example/hf/" })).toBe(
            "https://mirror.example/hf",
        );
        expect(hubOrigin("https://own.example/a", { HF_ENDPOINT: "https://b" })).toBe(
            "https://own.example",
        );
        expect(hubOrigin("no address", {})).toBeUndefined();
    });
});

describe("tokenProblem", () => {
    it("takes tokens and nothing, and refuses what no token has", () => {
        expect(tokenProblem(" hf_abc ")).toBeUndefined();
        expect(tokenProblem("")).toBeUndefined();
        for (const text of ["a b", "hf_ä", "x\r\ny", "x".repeat(501)])
            expect(tokenProblem(text)).toContain("copy it again");
    });
});

describe("proxyEnvironment", () => {
    it("gives the editor's proxy to a child that has none", () => {
        expect(proxyEnvironment({}, "http://p:1", ["a", 1, "b"])).toEqual({
            HTTPS_PROXY: "http://p:1",
            HTTP_PROXY: "http://p:1",
            NO_PROXY: "a,b",
        });
        expect(proxyEnvironment({}, "", [])).toEqual({});
        expect(proxyEnvironment({ https_proxy: "http://q:2" }, "http://p:1", [])).toEqual({});
    });
});
