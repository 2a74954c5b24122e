/** What the provider shows a session and which range its answer replaces, with a session that answers by itself. */

import { strict as assert } from "node:assert";
import {
    CancellationTokenSource,
    InlineCompletionTriggerKind,
    Position,
    Range,
    type InlineCompletionItem,
} from "vscode";
import type { CompletionDocument } from "../../../src/completion/request";
import { InlineProvider } from "../../../src/host/completion/provider";
import type { CompletionOutcome } from "../../../src/protocol/completion";
import { closeEditors, openAt } from "./support";

const suggestion = (text: string): CompletionOutcome => ({
    kind: "suggestion",
    text,
    source: "model",
    tokens: { prompt: 1, reused: 0, generated: 1 },
    timings: { loadMs: 0, promptMs: 0, generateMs: 0, totalMs: 1 },
    confidence: 1,
    stop: "end-of-text",
});

interface Asked {
    seen: CompletionDocument;
    items: InlineCompletionItem[];
    item: InlineCompletionItem | undefined;
}

async function ask(
    text: string,
    answer: CompletionOutcome,
    {
        selected,
        isInvoked = false,
        isShown = false,
    }: {
        selected?: { from: number; text: string };
        isInvoked?: boolean;
        isShown?: boolean;
    } = {},
): Promise<Asked> {
    const { document, selection } = await openAt(text, "typescript");
    const seen: CompletionDocument[] = [];
    let nEnded = 0;
    const provider = new InlineProvider({
        session: {
            request: async (given) => {
                seen.push(given);
                return answer;
            },
            isShown: () => isShown,
            alternatives: async (_, shown) => [`other than ${shown}`],
        },
        isGrowth: () => false,
        onStart: () => ({ dispose: () => void nEnded++ }),
        onOutcome: () => undefined,
    });
    const at = selection.active;
    const selectedCompletionInfo = selected && {
        range: new Range(new Position(at.line, selected.from), at),
        text: selected.text,
    };
    const { Invoke, Automatic } = InlineCompletionTriggerKind;
    const triggerKind = isInvoked ? Invoke : Automatic;
    const source = new CancellationTokenSource();
    const items = await provider.provideInlineCompletionItems(
        document,
        at,
        { triggerKind, selectedCompletionInfo },
        source.token,
    );
    source.dispose();
    assert.equal(nEnded, 1);
    const [first] = seen;
    assert.ok(first);
    return { seen: first, items: items ?? [], item: items?.[0] };
}

describe("the provider", () => {
    afterEach(closeEditors);

    it("cuts the document at the cursor", async () => {
        const { seen, item } = await ask("const a = |;\nnext();\n", suggestion("1"));
        assert.equal(seen.prefix, "const a = ");
        assert.equal(seen.suffix, ";\nnext();\n");
        assert.equal(item?.insertText, "1");
        assert.ok(item.range?.isEmpty);
    });

    it("goes on from the item chosen in the suggestion list", async () => {
        const selected = { from: 4, text: "toString" };
        const { seen, item } = await ask("foo.to|;", suggestion("().trim()"), { selected });
        assert.equal(seen.prefix, "foo.toString");
        assert.equal(seen.suffix, ";");
        assert.equal(item?.insertText, "toString().trim()");
        assert.deepEqual([item.range?.start.character, item.range?.end.character], [4, 6]);
    });

    it("replaces the closing bracket that the suggestion brings itself", async () => {
        const { item } = await ask("call(|)", suggestion("a, b)"));
        assert.deepEqual([item?.range?.start.character, item?.range?.end.character], [5, 6]);
    });

    it("looks for other suggestions only where one is on the screen and is asked for again", async () => {
        const known = { ...suggestion("1"), source: "cache" } as CompletionOutcome;
        const texts = async (options: { isInvoked: boolean; isShown: boolean }) =>
            (await ask("const a = |", known, options)).items.map(({ insertText }) => insertText);
        assert.deepEqual(await texts({ isInvoked: true, isShown: true }), ["1", "other than 1"]);
        // What was dismissed comes back at once.
        assert.deepEqual(await texts({ isInvoked: true, isShown: false }), ["1"]);
        assert.deepEqual(await texts({ isInvoked: false, isShown: true }), ["1"]);
    });

    it("gives nothing when there is no suggestion", async () => {
        const none: CompletionOutcome = { kind: "none", reason: "mid-word", stage: "gate" };
        assert.equal((await ask("na|me", none)).item, undefined);
    });

    it("takes a window of a very large document", async () => {
        const line = `${"x".repeat(99)}\n`;
        const text = `${line.repeat(8_000)}|\n${line.repeat(8_000)}`;
        const { seen } = await ask(text, suggestion("1"));
        assert.ok(seen.prefix.length < 400_000, `${seen.prefix.length}`);
        assert.ok(seen.suffix.length < 100_000, `${seen.suffix.length}`);
        assert.ok(text.includes(`${seen.prefix}|${seen.suffix}`));
    });
});
