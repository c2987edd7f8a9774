import type { GroupSettings, Settings } from "../../../src/domain/settings.ts";
import { SEED_SETTINGS, seedGroup, withLimits } from "../../support/seed.ts";
import { SECOND } from "./times.ts";

/** The seed's group, with a cool-down that a short history can wait for. */
export function oneGroup(min: number, max: number): Settings {
  return unhurried(withLimits(SEED_SETTINGS, min, max));
}

/** A group of its own: other labels, a repository's scope, another namespace. */
export const NEIGHBOUR: GroupSettings = seedGroup({
  name: "Neighbour",
  labels: ["neighbour"],
  repository: "app",
  namespace: "neighbours",
  parameters: { ...seedGroup().parameters, min: 1, max: 4 },
});

/** The seed's group, and one more in another scope. */
export function withNeighbour(settings: Settings): Settings {
  return { ...settings, groups: [...settings.groups, NEIGHBOUR] };
}

/** The configuration of somebody else's installation in the same cluster and workspace. */
export const OTHERS: Settings = unhurried({
  ...SEED_SETTINGS,
  groups: [
    seedGroup({ name: "Others", labels: ["others"], parameters: { ...seedGroup().parameters, min: 1, max: 2 } }),
  ],
});

function unhurried(settings: Settings): Settings {
  return { ...settings, constants: { ...settings.constants, coolDownMs: 60 * SECOND } };
}
