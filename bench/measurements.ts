import { decide } from "./decide.ts";
import { bursts } from "./http/burst.ts";
import { memory } from "./http/memory.ts";
import { start } from "./http/start.ts";
import { knownDemand } from "./in-memory/known-demand.ts";
import { reaction } from "./in-memory/reaction.ts";
import { requestsPerHour } from "./in-memory/requests-per-hour.ts";
import { seedBurst } from "./in-memory/seed-burst.ts";
import { render } from "./render.ts";
import type { Measurement } from "./row.ts";

/** Everything that is measured, in the order of the table. */
export const MEASUREMENTS: readonly Measurement[] = [
  start,
  ...bursts,
  reaction,
  knownDemand,
  seedBurst,
  requestsPerHour,
  memory,
  decide,
  render,
];
