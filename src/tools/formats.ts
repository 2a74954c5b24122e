/** The values of `format` that are a simple shape; the others are any string. */

import type { Node } from "./grammar";
import type { JsonText } from "./jsonText";
import { patternNode } from "./pattern";

/** Every year but 0000, which Python has not. */
const YEAR = "(?:\\d{3}[1-9]|\\d{2}[1-9]0|\\d[1-9]00|[1-9]000)";
const FOURTH = "(?:0[48]|[2468][048]|[13579][26])";
const DAY =
    "(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)";
const DATE = `(?:${YEAR}-${DAY}|(?:\\d\\d${FOURTH}|${FOURTH}00)-02-29)`;
const TIME =
    "(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,6})?(?:Z|[+-](?:[01]\\d|2[0-3]):[0-5]\\d)";
const BYTE = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";

const FORMATS: Record<string, string> = {
    date: DATE,
    time: TIME,
    "date-time": `${DATE}T${TIME}`,
    uuid: "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    ipv4: `${BYTE}(?:\\.${BYTE}){3}`,
};

/** The characters of a string of that format; undefined when it is not one of them. */
export function formatNode(json: JsonText, format: string): Node | undefined {
    const pattern = Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined;
    return pattern === undefined ? undefined : patternNode(json, `^(?:${pattern})$`);
}
