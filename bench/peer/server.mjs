// The llama-server process: started with the flags of its own defaults for code completion (`--fim-qwen-1.5b-default`: batches of 1024,
// the model's whole context, cache reuse from 256 tokens) and a fixed seed, asked through `/infill`.
import { spawn } from "node:child_process";
import { createServer } from "node:net";

const START_MS = 120_000;
const POLL_MS = 100;

export async function startServer({ binary, model, threads }) {
    const port = await freePort();
    const child = spawn(
        binary,
        [
            ...["--model", model, "--host", "127.0.0.1", "--port", `${port}`],
            ...["--batch-size", "1024", "--ubatch-size", "1024", "--ctx-size", "0"],
            ...["--cache-reuse", "256", "--seed", "1"],
            ...(threads ? ["--threads", `${threads}`] : []),
        ],
        { stdio: ["ignore", "ignore", "pipe"] },
    );
    let stderr = "";
    let failure;
    child.stderr.on("data", (data) => (stderr = (stderr + data).slice(-2000)));
    child.once("error", (error) => (failure = error.message));
    child.once("exit", (code, signal) => (failure ??= `it ended with ${signal ?? code}`));
    const address = `http://127.0.0.1:${port}`;
    const untilMs = performance.now() + START_MS;
    while (!(await isHealthy(address))) {
        if (failure || performance.now() > untilMs) {
            child.kill("SIGKILL");
            throw new Error(
                `llama-server did not start: ${failure ?? "it took too long"}\n${stderr}`,
            );
        }
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return { infill: (body) => infill(address, body), kill: () => child.kill("SIGKILL") };
}

/** `{ texts, tokens }`; several alternatives share their prompt. */
async function infill(address, body) {
    const response = await fetch(`${address}/infill`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`/infill: ${answer.error?.message ?? response.status}`);
    const answers = [answer].flat();
    const timings = answers.map((one) => one.timings);
    const first = timings.reduce((most, one) => (one.prompt_n > most.prompt_n ? one : most));
    return {
        isList: Array.isArray(answer),
        texts: answers.map(({ content }) => content ?? ""),
        tokens: {
            promptTokens: first.prompt_n,
            reusedTokens: first.cache_n,
            generatedTokens: timings.reduce((sum, one) => sum + one.predicted_n, 0),
        },
    };
}

async function isHealthy(address) {
    try {
        return (await fetch(`${address}/health`)).ok;
    } catch {
        return false;
    }
}

function freePort() {
    return new Promise((resolve, reject) => {
        const probe = createServer();
        probe.once("error", reject);
        probe.listen(0, "127.0.0.1", () => {
            const { port } = probe.address();
            probe.close(() => resolve(port));
        });
    });
}
