/** Which of the workspace's test tasks is meant. Pure. */

import { AppError } from "../../base/errors";

export interface TestTask {
    name: string;
    isDefault: boolean;
    /** A watcher: it would never end. */
    isBackground: boolean;
}

/** The named one, else the default, else the only one. Throws AppError that names the others. */
export function chooseTask<T extends TestTask>(tasks: readonly T[], name?: string): T {
    if (tasks.length === 0)
        throw new AppError(
            "user/usage",
            'The workspace has no test task; the person can make one with "group": "test" in .vscode/tasks.json',
        );
    const names = tasks.map((task) => `\`${task.name}\``).join(", ");
    if (name !== undefined) {
        const wanted = name.trim().toLowerCase();
        const found = tasks.find((task) => task.name.toLowerCase() === wanted);
        if (!found)
            throw new AppError(
                "user/usage",
                `There is no test task \`${name}\`; there are ${names}`,
            );
        return ending(found);
    }
    const usable = tasks.filter((task) => !task.isBackground);
    const found = usable.find((task) => task.isDefault) ?? usable[0] ?? tasks[0];
    if (!found || (usable.length > 1 && !found.isDefault))
        throw new AppError("user/usage", `There are several test tasks; name one: ${names}`);
    return ending(found);
}

function ending<T extends TestTask>(task: T): T {
    if (task.isBackground)
        throw new AppError(
            "user/usage",
            `The test task \`${task.name}\` runs in the background and never ends; name another one`,
        );
    return task;
}
