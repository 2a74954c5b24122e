// A server of the Model Context Protocol (revision 2025-06-18) on stdin and stdout, with one tool that knows how much tea there is: one message a line.
import { createInterface } from "node:readline";

const STOCK = /** @type {Record<string, number>} */ ({ Assam: 17, Sencha: 4 });
const TOOL = {
    name: "stock",
    description: "How many tins of a tea are in stock.",
    inputSchema: { type: "object", properties: { tea: { type: "string" } }, required: ["tea"] },
};

/** @param {string} method @param {any} params @returns {object | undefined} Undefined where there is no such method. */
function answer(method, params) {
    switch (method) {
        case "initialize":
            return {
                protocolVersion: params.protocolVersion,
                capabilities: { tools: {} },
                serverInfo: { name: "tea", version: "1.0.0" },
            };
        case "ping":
            return {};
        case "tools/list":
            return { tools: [TOOL] };
        case "tools/call": {
            const text = `${STOCK[params.arguments.tea] ?? 0} tins of ${params.arguments.tea}`;
            return { content: [{ type: "text", text }] };
        }
        default:
            return undefined;
    }
}

for await (const line of createInterface({ input: process.stdin })) {
    const { id, method, params } = JSON.parse(line);
    if (id === undefined) continue;
    const result = answer(method, params);
    const error = { code: -32_601, message: `${method} is not known` };
    const message = { jsonrpc: "2.0", id, ...(result ? { result } : { error }) };
    process.stdout.write(`${JSON.stringify(message)}\n`);
}
