/** Text that arrives token by token, handed on once a frame. */

const FRAME_MS = 16;

/** Hands on text once a frame; what is left at once on `flush`. */
export class Collector {
    private text = "";
    private timer: ReturnType<typeof setTimeout> | undefined;

    constructor(private readonly take: (text: string) => void) {}

    add(text: string): void {
        this.text += text;
        this.timer ??= setTimeout(() => this.flush(), FRAME_MS);
    }

    flush(): void {
        clearTimeout(this.timer);
        this.timer = undefined;
        const { text } = this;
        this.text = "";
        if (text !== "") this.take(text);
    }
}
