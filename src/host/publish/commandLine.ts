/** The `ingot publish` that does what a page shows, for who wants it in a script. Pure. */

import type { PublishPlan, PublishPlanParams } from "../../protocol/publish";

export type CommandChoice = Pick<
    PublishPlanParams,
    "files" | "table" | "license" | "licenseName" | "licenseLink" | "baseModel"
>;

export function commandLine(plan: PublishPlan, choice: CommandChoice, isCardKept: boolean): string {
    const { repo, exists, pullRequest } = plan;
    const { files, table, license, licenseName, licenseLink, baseModel } = choice;
    const option = (name: string, value: string | undefined) =>
        value === undefined ? [] : [`--${name} ${quoted(value)}`];
    return [
        "ingot publish",
        ...files.map(quoted),
        ...option("repo", repo),
        ...(!exists && plan.private ? ["--private"] : []),
        ...(pullRequest ? ["--pull-request"] : []),
        ...option("license", license),
        ...option("license-name", licenseName),
        ...option("license-link", licenseLink),
        ...option("base-model", baseModel),
        ...option("table", table),
        ...(isCardKept ? ["--keep-card"] : []),
    ].join(" ");
}

function quoted(text: string): string {
    return /^[\w./:@+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
