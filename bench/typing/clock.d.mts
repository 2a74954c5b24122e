/** Types of clock.mjs. */

import type { DriverClock } from "./driver.mjs";

export function realClock(): DriverClock;
export function virtualClock(): DriverClock;
