/**
 * The picture of a comparison: divergence (logarithmic) against size, the Pareto front, a name at each point. As shapes with a role each, which
 * svg.ts writes to a file and the page draws in the theme's colours. Pure.
 */

import { formatBytes } from "../base/format";
import type { Comparison } from "../protocol/compare";
import { small } from "./columns";
import { paretoFront, placedRows, type PlacedRow } from "./front";
import { placeLabels, textWidth, type Box, type Point } from "./labels";
import { linearScale, logScale } from "./ticks";

export type Role =
    "frame" | "grid" | "tick" | "axis" | "title" | "note" | "front" | "leader" | "name" | "ring";

export type Shape =
    | { kind: "line"; role: Role; from: Point; to: Point }
    | { kind: "path"; role: Role; points: Point[] }
    | { kind: "circle"; role: Role; at: Point; radius: number }
    | {
          kind: "text";
          role: Role;
          at: Point;
          text: string;
          anchor: "start" | "middle" | "end";
          /** Written upwards. */
          isUpright?: boolean;
      }
    | {
          kind: "mark";
          at: Point;
          radius: number;
          /** On the Pareto front; the form tells it too, not only the colour. */
          isOnFront: boolean;
          /** Of the row that it stands for; a mark of the legend has none. */
          file?: string;
          /** What a pointer over it shows. */
          hint: string;
      };

export interface Picture {
    width: number;
    height: number;
    shapes: Shape[];
    /** What a screen reader says of it. */
    summary: string;
}

export interface PictureOptions {
    width: number;
    height: number;
    /** Above the frame; the page has its own. */
    title?: string | undefined;
    /** `file` of the recommended row: it has a ring. */
    recommended?: string | undefined;
}

export const FONT_SIZE = 12;
const RADIUS = 5;
/** Of the ring around the recommended one. */
const RING = RADIUS + 4;
const MARGIN = { left: 74, right: 18, top: 12, bottom: 52 };
const TITLE_HEIGHT = 26;
/** Room between the outermost points and the frame, for their names. */
const INSET = 0.04;

/** Undefined while fewer than one point has a place. */
export function drawPicture(comparison: Comparison, options: PictureOptions): Picture | undefined {
    const { rows, model } = comparison;
    const points = placedRows(rows);
    if (points.length === 0) return undefined;
    const { width, height, title } = options;
    const top = MARGIN.top + (title === undefined ? 0 : TITLE_HEIGHT);
    const frame: Box = {
        x: MARGIN.left,
        y: top,
        width: width - MARGIN.left - MARGIN.right,
        height: height - top - MARGIN.bottom,
    };
    const unit = unitOf(Math.max(...points.map(({ bytes }) => bytes)));
    const x = linearScale(points.map(({ bytes }) => bytes / unit.bytes));
    const y = logScale(points.map(({ meanKl }) => meanKl));
    const at = (size: number, kl: number): Point => ({
        x: frame.x + frame.width * (INSET + (1 - 2 * INSET) * x.place(size)),
        y: frame.y + frame.height * (1 - INSET - (1 - 2 * INSET) * y.place(kl)),
    });
    const place = (row: PlacedRow) => at(row.bytes / unit.bytes, row.meanKl);
    const front = paretoFront(rows);
    const reference = rows.find(({ isReference }) => isReference);
    const shapes: Shape[] = [
        ...axes({ frame, x, y, at, unit: unit.name, reference: reference?.label }),
        { kind: "path", role: "front", points: front.map(place) },
    ];
    if (title !== undefined)
        shapes.push(text("title", { x: frame.x, y: MARGIN.top + 8 }, title, "start"));
    const legend = legendAt(frame);
    shapes.push(...legend.shapes);
    // Those of the front first: they get the best places.
    const ordered = [...front, ...points.filter((row) => !front.includes(row))];
    const steps = front.slice(1).map((row, i) => [place(front[i] ?? row), place(row)] as const);
    const ringed = points.filter(({ file }) => file === options.recommended);
    const ringBoxes = ringed.map((row) => around(place(row), RING));
    const labels = placeLabels(
        ordered.map((row) => ({ ...place(row), text: row.label })),
        {
            frame: inner(frame),
            fontSize: FONT_SIZE,
            radius: RADIUS,
            lines: steps,
            taken: [legend.box, ...ringBoxes],
        },
    );
    for (const { box, x: px, y: py, isFar, text: name } of labels) {
        const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
        if (isFar)
            shapes.push({
                kind: "line",
                role: "leader",
                from: { x: px, y: py },
                to: nearest(box, { x: px, y: py }),
            });
        shapes.push(text("name", { x: middle.x, y: middle.y + FONT_SIZE * 0.36 }, name, "middle"));
    }
    for (const row of ordered) {
        const point = place(row);
        if (row.file === options.recommended)
            shapes.push({ kind: "circle", role: "ring", at: point, radius: RING });
        const hint = `${row.label}: ${formatBytes(row.bytes)}, KL ${small(row.meanKl)}`;
        const isOnFront = front.includes(row);
        shapes.push({ kind: "mark", at: point, radius: RADIUS, isOnFront, file: row.file, hint });
    }
    return { width, height, shapes, summary: summaryOf(model, points, front) };
}

interface AxesOptions {
    frame: Box;
    x: ReturnType<typeof linearScale>;
    y: ReturnType<typeof logScale>;
    at: (size: number, kl: number) => Point;
    unit: string;
    reference: string | undefined;
}

function axes({ frame, x, y, at, unit, reference }: AxesOptions): Shape[] {
    const right = frame.x + frame.width;
    const bottom = frame.y + frame.height;
    const shapes: Shape[] = [];
    for (const size of x.ticks) {
        const px = at(size, y.from).x;
        shapes.push({
            kind: "line",
            role: "grid",
            from: { x: px, y: frame.y },
            to: { x: px, y: bottom },
        });
        shapes.push(text("tick", { x: px, y: bottom + 18 }, String(size), "middle"));
    }
    for (const kl of y.ticks) {
        const py = at(x.from, kl).y;
        shapes.push({
            kind: "line",
            role: "grid",
            from: { x: frame.x, y: py },
            to: { x: right, y: py },
        });
        shapes.push(text("tick", { x: frame.x - 8, y: py + FONT_SIZE * 0.36 }, String(kl), "end"));
    }
    const corners = [
        { x: frame.x, y: frame.y },
        { x: right, y: frame.y },
        { x: right, y: bottom },
        { x: frame.x, y: bottom },
        { x: frame.x, y: frame.y },
    ];
    shapes.push({ kind: "path", role: "frame", points: corners });
    const middle = frame.x + frame.width / 2;
    shapes.push(
        text("axis", { x: middle, y: bottom + 40 }, `Size of the file (${unit})`, "middle"),
    );
    const of = reference === undefined ? "" : ` from ${reference}`;
    const long = `Mean KL divergence${of} (nats per token)`;
    const isShort = textWidth(long, FONT_SIZE) > frame.height;
    const title = isShort ? "Mean KL (nats per token)" : long;
    shapes.push({
        ...text("axis", { x: 16, y: frame.y + frame.height / 2 }, title, "middle"),
        isUpright: true,
    });
    return shapes;
}

/** At the upper right, where a good comparison has no points: large files far from the reference. */
function legendAt(frame: Box): { shapes: Shape[]; box: Box } {
    const rows = [
        { label: "on the Pareto front", isOnFront: true },
        { label: "another one is smaller and nearer", isOnFront: false },
    ];
    const width = Math.max(...rows.map(({ label }) => textWidth(label, FONT_SIZE - 1) * 0.8)) + 30;
    const box = { x: frame.x + frame.width - width - 6, y: frame.y + 6, width, height: 40 };
    const shapes = rows.flatMap(({ label, isOnFront }, i): Shape[] => {
        const y = box.y + 12 + i * 17;
        return [
            { kind: "mark", at: { x: box.x + 10, y }, radius: RADIUS - 1, isOnFront, hint: "" },
            text("note", { x: box.x + 22, y: y + 4 }, label, "start"),
        ];
    });
    return { shapes, box };
}

function summaryOf(
    model: string,
    points: readonly PlacedRow[],
    front: readonly PlacedRow[],
): string {
    const names = front.map(({ label }) => label).join(", ");
    return `Mean KL divergence against file size for ${points.length} files of ${model}. On the Pareto front, from small to large: ${names}.`;
}

function text(
    role: Role,
    at: Point,
    content: string,
    anchor: "start" | "middle" | "end",
): Shape & { kind: "text" } {
    return { kind: "text", role, at, text: content, anchor };
}

function unitOf(bytes: number): { bytes: number; name: string } {
    if (bytes >= 1e9) return { bytes: 1e9, name: "GB" };
    return bytes >= 1e6 ? { bytes: 1e6, name: "MB" } : { bytes: 1e3, name: "KB" };
}

function inner({ x, y, width, height }: Box): Box {
    return { x: x + 2, y: y + 2, width: width - 4, height: height - 4 };
}

function around({ x, y }: Point, radius: number): Box {
    return { x: x - radius, y: y - radius, width: 2 * radius, height: 2 * radius };
}

/** The point of a box that is nearest to another one. */
function nearest(box: Box, { x, y }: Point): Point {
    return {
        x: Math.min(Math.max(x, box.x), box.x + box.width),
        y: Math.min(Math.max(y, box.y), box.y + box.height),
    };
}
