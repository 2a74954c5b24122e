/** Where models are kept and what the built-in one is called, for who lists nothing. */

import { join } from "node:path";
import { dataFolder } from "../node/dataFolder";

export const STARTER_NAME = "starter";

/** Where models are kept unless a setting says otherwise. */
export function defaultModelsFolder(): string {
    return join(dataFolder(), "models");
}
