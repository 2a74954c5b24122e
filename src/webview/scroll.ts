/** Keeps the end of a growing list in view, but only while the person is at its end. */

/** Distance from the end, in pixels, that still counts as being there. */
const NEAR_PX = 24;

export class Follow {
    private isAtEnd = true;

    /** `onChange` hears whether the end is in view. */
    constructor(
        private readonly list: HTMLElement,
        private readonly onChange: (isAtEnd: boolean) => void,
    ) {
        list.addEventListener("scroll", () => this.look(), { passive: true });
        new ResizeObserver(() => this.follow()).observe(list);
    }

    /** To be called after the list changed. */
    follow(): void {
        if (this.isAtEnd) this.list.scrollTop = this.list.scrollHeight;
        else this.look();
    }

    toEnd(): void {
        this.set(true);
        this.list.scrollTop = this.list.scrollHeight;
    }

    private look(): void {
        const { scrollTop, scrollHeight, clientHeight } = this.list;
        this.set(scrollHeight - scrollTop - clientHeight < NEAR_PX);
    }

    private set(isAtEnd: boolean): void {
        if (isAtEnd === this.isAtEnd) return;
        this.isAtEnd = isAtEnd;
        this.onChange(isAtEnd);
    }
}
