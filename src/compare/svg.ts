/** A picture as the text of an SVG file that needs nothing else. Pure. */

import { escapeMarkup } from "../base/escape";
import type { Comparison } from "../protocol/compare";
import { FONT, GROUND, LOOK, markLook, pathOf, round, type Look } from "./look";
import { drawPicture, type Picture, type PictureOptions, type Shape } from "./picture";

/** Size of an exported picture in CSS pixels. */
const EXPORT_SIZE = { width: 860, height: 520 } as const;

/** Characters of a model's name that the title has room for. */
const MAX_NAME = 60;

/** With a title, since nothing stands around it; undefined when nothing has a place in it. */
export function exportPicture(
    comparison: Comparison,
    options: Partial<PictureOptions> = {},
): Picture | undefined {
    const { model } = comparison;
    const name = model.length > MAX_NAME ? `${model.slice(0, MAX_NAME - 1)}…` : model;
    const title = `${name}: what each type costs`;
    return drawPicture(comparison, { ...EXPORT_SIZE, title, ...options });
}

export function svgText({ width, height, shapes, summary }: Picture): string {
    return [
        `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeMarkup(summary)}" font-family="${FONT}">`,
        `<rect width="${width}" height="${height}" fill="${GROUND}"/>`,
        ...shapes.map(shapeText),
        "</svg>",
        "",
    ].join("\n");
}

function shapeText(shape: Shape): string {
    if (shape.kind === "text") {
        const { at, isUpright, role, anchor, text } = shape;
        const { fontSize = 12, weight, fill = "" } = LOOK[role];
        const [x, y] = [round(at.x), round(at.y)];
        const turn = isUpright ? ` transform="rotate(-90 ${x} ${y})"` : "";
        const bold = weight === undefined ? "" : ` font-weight="${weight}"`;
        return `<text x="${x}" y="${y}" text-anchor="${anchor}" font-size="${fontSize}"${bold} fill="${fill}"${turn}>${escapeMarkup(text)}</text>`;
    }
    if (shape.kind !== "mark") return `<path d="${pathOf(shape)}" ${looks(LOOK[shape.role])}/>`;
    const { hint, isOnFront } = shape;
    const title = hint === "" ? "" : `<title>${escapeMarkup(hint)}</title>`;
    return `<path d="${pathOf(shape)}" ${looks(markLook(isOnFront))}>${title}</path>`;
}

function looks({ stroke = "none", fill = "none", width = 1, dash }: Look): string {
    const dashes = dash === undefined ? "" : ` stroke-dasharray="${dash.join(" ")}"`;
    return `fill="${fill}" stroke="${stroke}" stroke-width="${width}"${dashes}`;
}
