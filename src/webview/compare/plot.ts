/** The picture on the page: the shapes of src/compare as SVG elements, whose colours are the style sheet's. */

import { pathOf } from "../../compare/look";
import { drawPicture, type Shape } from "../../compare/picture";
import type { Comparison } from "../../protocol/compare";
import { element } from "../dom";

const NAMESPACE = "http://www.w3.org/2000/svg";
const MIN_HEIGHT = 280;
const MAX_HEIGHT = 460;
const MIN_WIDTH = 360;

export class Plot {
    readonly element = element("figure", { class: "plot" });
    private shown: { comparison: Comparison; recommended: string | undefined } | undefined;
    private marked: string | undefined;
    private width = 0;

    /** `onPoint`: a pointer is over the mark of a file, or no longer. */
    constructor(private readonly onPoint: (file: string | undefined) => void) {
        new ResizeObserver(([entry]) => {
            const width = Math.round(entry?.contentRect.width ?? 0);
            if (width === this.width || width === 0) return;
            this.width = width;
            this.draw();
        }).observe(this.element);
        this.element.addEventListener("pointerover", ({ target }) => this.onPoint(fileOf(target)));
        this.element.addEventListener("pointerleave", () => this.onPoint(undefined));
    }

    get isThere(): boolean {
        return this.element.firstChild !== null;
    }

    paint(comparison: Comparison, recommended: string | undefined): void {
        this.shown = { comparison, recommended };
        this.draw();
    }

    /** Shows which point a row is. */
    mark(file: string | undefined): void {
        this.marked = file;
        for (const one of this.element.querySelectorAll<SVGElement>("[data-file]"))
            one.classList.toggle("marked", one.dataset["file"] === file);
    }

    private draw(): void {
        if (!this.shown) return;
        const { comparison, recommended } = this.shown;
        const width = Math.max(MIN_WIDTH, this.width || 720);
        // The first rows of the table are in sight below it.
        const wanted = Math.round(Math.min(width * 0.5, window.innerHeight * 0.45));
        const height = Math.min(MAX_HEIGHT, Math.max(MIN_HEIGHT, wanted));
        const picture = drawPicture(comparison, { width, height, recommended });
        this.element.hidden = picture === undefined;
        if (!picture) return this.element.replaceChildren();
        const svg = make("svg", {
            viewBox: `0 0 ${width} ${height}`,
            width: String(width),
            height: String(height),
            role: "img",
            "aria-label": picture.summary,
        });
        svg.append(...picture.shapes.map(shapeElement));
        this.element.replaceChildren(svg);
        this.mark(this.marked);
    }
}

function shapeElement(shape: Shape): SVGElement {
    if (shape.kind === "text") {
        const { at, anchor, role, text, isUpright } = shape;
        const made = make("text", {
            x: String(at.x),
            y: String(at.y),
            "text-anchor": anchor,
            class: role,
            ...(isUpright ? { transform: `rotate(-90 ${at.x} ${at.y})` } : {}),
        });
        made.textContent = text;
        return made;
    }
    if (shape.kind !== "mark") return make("path", { d: pathOf(shape), class: shape.role });
    const mark = make("path", {
        d: pathOf(shape),
        class: shape.isOnFront ? "mark on-front" : "mark",
        ...(shape.file === undefined ? {} : { "data-file": shape.file }),
    });
    if (shape.hint !== "") {
        const title = make("title", {});
        title.textContent = shape.hint;
        mark.append(title);
    }
    return mark;
}

function make(name: string, attributes: Readonly<Record<string, string>>): SVGElement {
    const made: SVGElement = document.createElementNS(NAMESPACE, name as "svg");
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
}

function fileOf(target: EventTarget | null): string | undefined {
    return target instanceof SVGElement ? target.dataset["file"] : undefined;
}
