/** The exported picture as PNG, drawn here because a page has what it takes: fonts and a canvas. */

import { FONT, GROUND, LOOK, markLook, pathOf, type Look } from "../../compare/look";
import type { Shape } from "../../compare/picture";
import { exportPicture } from "../../compare/svg";
import type { Comparison } from "../../protocol/compare";

/** Sharp on dense screens and in print. */
const SCALE = 2;

/** Base64; undefined when there is nothing to draw. */
export async function pngOf(
    comparison: Comparison,
    recommended: string | undefined,
): Promise<string | undefined> {
    const picture = exportPicture(comparison, { recommended });
    if (!picture) return undefined;
    const { width, height, shapes } = picture;
    const canvas = document.createElement("canvas");
    canvas.width = width * SCALE;
    canvas.height = height * SCALE;
    const context = canvas.getContext("2d");
    if (!context) return undefined;
    context.scale(SCALE, SCALE);
    context.fillStyle = GROUND;
    context.fillRect(0, 0, width, height);
    for (const shape of shapes) draw(context, shape);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
    return blob ? base64(new Uint8Array(await blob.arrayBuffer())) : undefined;
}

function draw(context: CanvasRenderingContext2D, shape: Shape): void {
    if (shape.kind === "text") {
        const { fontSize = 12, weight = 400, fill = "" } = LOOK[shape.role];
        context.save();
        context.translate(shape.at.x, shape.at.y);
        if (shape.isUpright) context.rotate(-Math.PI / 2);
        context.font = `${weight} ${fontSize}px ${FONT}`;
        context.textAlign = shape.anchor === "middle" ? "center" : shape.anchor;
        context.fillStyle = fill;
        context.fillText(shape.text, 0, 0);
        context.restore();
        return;
    }
    const look: Look = shape.kind === "mark" ? markLook(shape.isOnFront) : LOOK[shape.role];
    const path = new Path2D(pathOf(shape));
    if (look.fill !== undefined) {
        context.fillStyle = look.fill;
        context.fill(path);
    }
    if (look.stroke === undefined) return;
    context.strokeStyle = look.stroke;
    context.lineWidth = look.width ?? 1;
    context.setLineDash([...(look.dash ?? [])]);
    context.stroke(path);
}

function base64(bytes: Uint8Array): string {
    const part = 0x8000;
    let text = "";
    for (let at = 0; at < bytes.length; at += part)
        text += String.fromCharCode(...bytes.subarray(at, at + part));
    return btoa(text);
}
