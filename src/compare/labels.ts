/**
 * Names beside points so that no two of them overlap, none covers a point, and all are inside the frame. Greedy: the first ones get the
 * best places. Pure.
 */

export interface Box {
    x: number;
    y: number;
    width: number;
    height: number;
}

export interface Point {
    x: number;
    y: number;
}

export interface LabelRequest extends Point {
    text: string;
}

export interface PlacedLabel extends LabelRequest {
    box: Box;
    /** Far enough from its point that a line should lead there. */
    isFar: boolean;
}

export interface LabelOptions {
    /** Every label is inside of it. */
    frame: Box;
    fontSize: number;
    /** Half the size of a point's mark. */
    radius: number;
    /** Labels keep off these lines where they can. */
    lines?: readonly (readonly [Point, Point])[];
    /** And never cover these. */
    taken?: readonly Box[];
}

/** Of capitals and digits in a sans-serif font, as a share of its size; rather too much. */
const CHARACTER_WIDTH = 0.66;
const RINGS = [0, 6, 14, 24, 36, 50, 66, 84, 104, 128];
/** Directions in the order in which they are tried: right, left, above, below, then between. */
const ANGLES = [0, 180, 270, 90, 315, 225, 45, 135, 292, 248, 68, 112];
const FAR_FROM_RING = 2;
const GAP = 3;

export function textWidth(text: string, fontSize: number): number {
    return text.length * fontSize * CHARACTER_WIDTH;
}

/** In the order of the requests. A label for which there is no free place at all is left out. */
export function placeLabels(
    requests: readonly LabelRequest[],
    { frame, fontSize, radius, lines = [], taken = [] }: LabelOptions,
): PlacedLabel[] {
    const dots = requests.map(({ x, y }) => ({
        x: x - radius - 1,
        y: y - radius - 1,
        width: 2 * radius + 2,
        height: 2 * radius + 2,
    }));
    const placed: PlacedLabel[] = [];
    for (const request of requests) {
        const width = textWidth(request.text, fontSize);
        const height = fontSize * 1.2;
        let best: { label: PlacedLabel; cost: number } | undefined;
        for (const [ring, distance] of RINGS.entries()) {
            for (const [order, angle] of ANGLES.entries()) {
                const box = boxAt(request, { angle, distance, width, height, radius });
                if (!isInside(box, frame)) continue;
                const others = [...dots, ...placed.map((label) => label.box), ...taken];
                if (others.some((other) => overlap(box, other))) continue;
                const crossed = lines.filter(([a, b]) => crosses(box, a, b)).length;
                const cost = ring * 4 + order * 0.5 + crossed * 6;
                if (best && best.cost <= cost) continue;
                best = { label: { ...request, box, isFar: ring >= FAR_FROM_RING }, cost };
            }
            // Further out nothing is cheaper.
            if (best && best.cost <= (ring + 1) * 4) break;
        }
        if (best) placed.push(best.label);
    }
    return placed;
}

export function overlap(a: Box, b: Box): boolean {
    return (
        a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
    );
}

function boxAt(
    { x, y }: Point,
    place: { angle: number; distance: number; width: number; height: number; radius: number },
): Box {
    const { angle, distance, width, height, radius } = place;
    const radians = (angle * Math.PI) / 180;
    const [cos, sin] = [Math.cos(radians), Math.sin(radians)];
    const away = radius + GAP + distance;
    // The box touches the circle around the point from outside, whatever the direction.
    return {
        x: x + cos * (away + width / 2) - width / 2,
        y: y + sin * (away + height / 2) - height / 2,
        width,
        height,
    };
}

function isInside(box: Box, frame: Box): boolean {
    return (
        box.x >= frame.x &&
        box.y >= frame.y &&
        box.x + box.width <= frame.x + frame.width &&
        box.y + box.height <= frame.y + frame.height
    );
}

/** Whether a line runs through a box, told by points on it. */
function crosses(box: Box, a: Point, b: Point): boolean {
    const nSteps = 24;
    for (let i = 0; i <= nSteps; i++) {
        const x = a.x + ((b.x - a.x) * i) / nSteps;
        const y = a.y + ((b.y - a.y) * i) / nSteps;
        if (x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height)
            return true;
    }
    return false;
}
