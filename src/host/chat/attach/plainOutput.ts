/** What a program wrote to a terminal, as the text that a person sees. Pure. */

/* eslint-disable no-control-regex -- control characters are what this is about */
const OPERATING_SYSTEM_COMMAND = /\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)/g;
const CONTROL_SEQUENCE = /\x1b(?:\[[0-?]*[ -/]*[@-~]|[@-Z\\-_=>])/g;
const OTHER_CONTROLS = /[\x00-\x08\x0b-\x1f\x7f]/g;
/* eslint-enable no-control-regex */

/** Without colours and other control sequences; a line that was written over shows what was written last. */
export function plainOutput(raw: string): string {
    return raw
        .replace(OPERATING_SYSTEM_COMMAND, "")
        .replace(CONTROL_SEQUENCE, "")
        .replace(/\r+\n/g, "\n")
        .split("\n")
        .map((line) => line.slice(line.lastIndexOf("\r", line.length - 2) + 1))
        .join("\n")
        .replace(OTHER_CONTROLS, "");
}
