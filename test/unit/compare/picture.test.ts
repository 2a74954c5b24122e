// The picture: who is on the front, where names go, what an SVG file says.
import { describe, expect, it } from "vitest";
import { paretoFront } from "../../../src/compare/front";
import { overlap, placeLabels, textWidth, type Box } from "../../../src/compare/labels";
import { drawPicture, FONT_SIZE, type Shape } from "../../../src/compare/picture";
import { exportPicture, svgText } from "../../../src/compare/svg";
import { comparison, REFERENCE, row } from "./rows";

const TYPES = comparison([
    REFERENCE,
    row("Q8_0", 530, { meanKl: 0.0011 }),
    row("Q6_K", 410, { meanKl: 0.004 }),
    row("Q5_0", 400, { meanKl: 0.02 }),
    row("Q5_K_M", 390, { meanKl: 0.012 }),
    row("Q4_K_M", 340, { meanKl: 0.041 }),
    row("Q4_0", 335, { meanKl: 0.09 }),
    row("Q3_K_M", 300, { meanKl: 0.2 }),
]);
const SIZE = { width: 800, height: 440 };

const marks = (shapes: readonly Shape[]) =>
    shapes.filter((shape) => shape.kind === "mark" && shape.file !== undefined) as (Shape & {
        kind: "mark";
    })[];
const names = (shapes: readonly Shape[]) =>
    shapes.filter((shape) => shape.kind === "text" && shape.role === "name") as (Shape & {
        kind: "text";
    })[];

/** The same numbers every time. */
function random(seed: number): () => number {
    let state = seed;
    return () => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state / 2 ** 32;
    };
}

describe("paretoFront", () => {
    it("has each file that no smaller one is as near as, from small to large", () => {
        const front = paretoFront(TYPES.rows).map(({ type }) => type);
        expect(front).toEqual(["Q3_K_M", "Q4_0", "Q4_K_M", "Q5_K_M", "Q6_K", "Q8_0"]);
    });

    it("leaves out the reference, what has no divergence, and one of two that are alike", () => {
        const rows = [
            REFERENCE,
            row("A", 100, { meanKl: 0.1 }),
            row("B", 100, { meanKl: 0.1 }),
            row("C", 90),
            row("D", 80, { meanKl: 0 }),
        ];
        expect(paretoFront(rows).map(({ type }) => type)).toEqual(["A"]);
    });
});

describe("placeLabels", () => {
    it.each([1, 2, 3, 4, 5, 6, 7, 8])("overlaps nothing in crowd %i", (seed) => {
        const next = random(seed);
        const frame: Box = { x: 70, y: 10, width: 700, height: 380 };
        const requests = Array.from({ length: 30 }, (_, i) => ({
            x: 100 + 500 * next(),
            y: 40 + 300 * next() ** 2,
            text: `IQ${i}_XXS`,
        }));
        const placed = placeLabels(requests, { frame, fontSize: FONT_SIZE, radius: 5 });
        expect(placed.length).toBe(requests.length);
        for (const [i, { box }] of placed.entries()) {
            for (const other of placed.slice(i + 1)) expect(overlap(box, other.box)).toBe(false);
            for (const { x, y } of requests)
                expect(overlap(box, { x: x - 5, y: y - 5, width: 10, height: 10 })).toBe(false);
            expect(box.x).toBeGreaterThanOrEqual(frame.x);
            expect(box.x + box.width).toBeLessThanOrEqual(frame.x + frame.width);
        }
    });

    it("puts a lone name to the right of its point, with no line to it", () => {
        const frame = { x: 0, y: 0, width: 400, height: 300 };
        const request = { x: 100, y: 100, text: "Q4_K_M" };
        const [label] = placeLabels([request], { frame, fontSize: 12, radius: 5 });
        expect(label?.box.x).toBeGreaterThan(105);
        expect(label?.box.width).toBe(textWidth("Q4_K_M", 12));
        expect(label?.isFar).toBe(false);
    });

    it("leaves out what has no room at all", () => {
        const frame = { x: 0, y: 0, width: 30, height: 30 };
        const requests = [{ x: 15, y: 15, text: "much too long for this frame" }];
        expect(placeLabels(requests, { frame, fontSize: 12, radius: 5 })).toEqual([]);
    });
});

describe("drawPicture", () => {
    it("has a mark and a name for each file, inside the picture, smaller to the left, nearer below", () => {
        const picture = drawPicture(TYPES, SIZE);
        const found = marks(picture?.shapes ?? []);
        expect(found.map(({ file }) => file).sort()).toEqual(
            TYPES.rows
                .slice(1)
                .map(({ file }) => file)
                .sort(),
        );
        expect(
            names(picture?.shapes ?? [])
                .map(({ text }) => text)
                .sort(),
        ).toEqual(
            TYPES.rows
                .slice(1)
                .map(({ type }) => type)
                .sort(),
        );
        const at = (type: string) => found.find(({ file }) => file === `coder-${type}.gguf`)!.at;
        expect(at("Q3_K_M").x).toBeLessThan(at("Q8_0").x);
        expect(at("Q3_K_M").y).toBeLessThan(at("Q8_0").y);
        for (const { at: point } of found) {
            expect(point.x).toBeGreaterThan(0);
            expect(point.x).toBeLessThan(SIZE.width);
            expect(point.y).toBeGreaterThan(0);
            expect(point.y).toBeLessThan(SIZE.height);
        }
    });

    it("tells the front by the form of its marks, and rings the recommended one", () => {
        const file = "coder-Q5_K_M.gguf";
        const shapes = drawPicture(TYPES, { ...SIZE, recommended: file })?.shapes ?? [];
        const off = marks(shapes).filter(({ isOnFront }) => !isOnFront);
        expect(off.map((mark) => mark.file)).toEqual(["coder-Q5_0.gguf"]);
        const rings = shapes.filter((shape) => shape.kind === "circle");
        expect(rings).toHaveLength(1);
        expect(rings[0]?.at).toEqual(marks(shapes).find((mark) => mark.file === file)?.at);
    });

    it("is not there before the first divergence", () => {
        expect(drawPicture(comparison([REFERENCE, row("Q8_0", 530)]), SIZE)).toBeUndefined();
    });

    it("says in words what it shows", () => {
        const { summary = "" } = drawPicture(TYPES, SIZE) ?? {};
        expect(summary).toContain("7 files of coder");
        expect(summary).toContain("Q3_K_M, Q4_0, Q4_K_M, Q5_K_M, Q6_K, Q8_0");
    });
});

describe("svgText", () => {
    it("has a title that ends in the picture, whatever the model calls itself", () => {
        const svg = svgText(exportPicture({ ...TYPES, model: "x".repeat(300) })!);
        expect(svg).toContain(`>${"x".repeat(59)}…: what each type costs<`);
    });

    it("writes names of files as text, not as markup", () => {
        const rows = [REFERENCE, row('<script>&"', 300, { meanKl: 0.1 })];
        const svg = svgText(exportPicture(comparison(rows, { model: "a<b" }))!);
        expect(svg).not.toContain("<script>");
        expect(svg).toContain("&lt;script&gt;&amp;&quot;");
        expect(svg).toContain("a&lt;b");
    });

    it("is one svg element that names no address, with a path or text for every shape", () => {
        const picture = exportPicture(TYPES)!;
        const svg = svgText(picture);
        const nShapes = [...svg.matchAll(/<(?:path|text) /g)].length;
        expect(nShapes).toBe(picture.shapes.length);
        expect(svg.match(/https?:[^"]*/g)).toEqual(["http://www.w3.org/2000/svg"]);
        expect(svg.startsWith("<svg ") && svg.endsWith("</svg>\n")).toBe(true);
    });
});
