/** How an exported picture looks: light ground, colours that also colour-blind people tell apart. For svg.ts and the page's canvas. Pure. */

import { FONT_SIZE, type Role, type Shape } from "./picture";

export interface Look {
    stroke?: string;
    fill?: string;
    width?: number;
    dash?: readonly number[];
    fontSize?: number;
    weight?: number;
}

export const GROUND = "#ffffff";
export const FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif";
const INK = "#1f2328";
const MUTED = "#59636e";
const FRONT = "#0059b3";
const OTHER = "#b35900";

export const LOOK: Readonly<Record<Role, Look>> = {
    grid: { stroke: "#d8dee4", width: 1 },
    frame: { stroke: "#8c959f", width: 1 },
    front: { stroke: FRONT, width: 1.5, dash: [5, 4] },
    leader: { stroke: MUTED, width: 0.75 },
    ring: { stroke: INK, width: 1.5 },
    tick: { fill: MUTED, fontSize: FONT_SIZE },
    axis: { fill: INK, fontSize: FONT_SIZE + 1 },
    title: { fill: INK, fontSize: 15, weight: 600 },
    note: { fill: MUTED, fontSize: FONT_SIZE - 1 },
    name: { fill: INK, fontSize: FONT_SIZE },
};

export function markLook(isOnFront: boolean): Look {
    return isOnFront
        ? { fill: FRONT, stroke: FRONT, width: 1 }
        : { fill: GROUND, stroke: OTHER, width: 1.75 };
}

/** What a shape that is no text is drawn along, as SVG path data. */
export function pathOf(shape: Exclude<Shape, { kind: "text" }>): string {
    switch (shape.kind) {
        case "line":
            return `M ${xy(shape.from)} L ${xy(shape.to)}`;
        case "path":
            return shape.points.map((point, i) => `${i === 0 ? "M" : "L"} ${xy(point)}`).join(" ");
        case "circle":
            return disc(shape.at, shape.radius);
        case "mark": {
            const { at, radius, isOnFront } = shape;
            // A disc on the front, a diamond elsewhere.
            if (isOnFront) return disc(at, radius);
            const { x, y } = at;
            const r = radius * 1.15;
            return `M ${xy({ x, y: y - r })} L ${xy({ x: x + r, y })} L ${xy({ x, y: y + r })} L ${xy({ x: x - r, y })} Z`;
        }
    }
}

export function round(value: number): number {
    return Math.round(value * 100) / 100;
}

function disc({ x, y }: { x: number; y: number }, r: number): string {
    return `M ${xy({ x: x - r, y })} a ${round(r)} ${round(r)} 0 1 0 ${round(2 * r)} 0 a ${round(r)} ${round(r)} 0 1 0 ${round(-2 * r)} 0 Z`;
}

function xy({ x, y }: { x: number; y: number }): string {
    return `${round(x)} ${round(y)}`;
}
