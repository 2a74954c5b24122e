/** Types of engine.mjs. */

export class Engine {
    listener: (message: { type: string; id?: number }) => void;
    constructor(command: readonly string[]);
    get pid(): number | undefined;
    send(message: object): void;
    start(message: object): Promise<{ engine: string; version: string; layouts?: string[] }>;
    sync(): Promise<unknown>;
    stop(): Promise<void>;
}
