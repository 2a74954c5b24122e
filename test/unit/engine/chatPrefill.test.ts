// A question that is read while it is typed gives way to the question itself, also while the model is still loading.
import { describe, expect, it } from "vitest";
import { Deferred } from "../../../src/base/async";
import { ChatPrefill } from "../../../src/engine/chatPrefill";
import type { LoadedModel } from "../../../src/engine/loadedModel";
import type { Models } from "../../../src/engine/models";
import { SetAside } from "../../../src/engine/setAside";
import type { ChatPrefillRequest } from "../../../src/protocol/chat";

describe("ChatPrefill", () => {
    it("begins nothing for what the question overtook while the model was loading", async () => {
        const loading = new Deferred<LoadedModel>();
        const touched: string[] = [];
        const model = new Proxy({} as LoadedModel, {
            get(_, name) {
                // A promise is asked whether it is one.
                if (name === "then") return undefined;
                touched.push(String(name));
                throw new Error("read");
            },
        });
        const models = {
            isStarted: () => true,
            use: async (_role: string, _options: object, work: (model: LoadedModel) => unknown) =>
                work(await loading.promise),
        } as unknown as Models;
        const prefill = new ChatPrefill(models, new SetAside());
        const request = { conversation: "c", messages: [], maxTokens: 1 } as ChatPrefillRequest;
        const read = () => prefill.read(request, new AbortController().signal);
        const first = read();
        const second = read();
        prefill.giveWay();
        const third = read();
        loading.resolve(model);
        const settled = await Promise.allSettled([first, second, third]);
        expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
        expect(await first).toBeUndefined();
        expect(await second).toBeUndefined();
        // By the third only.
        expect(touched).toHaveLength(1);
    });
});
