import type { ManagedGroup } from "../../src/domain/managed-group.ts";
import type { Runner } from "../../src/domain/runner.ts";
import type { GroupSettings } from "../../src/domain/settings.ts";
import type { GroupSnapshot } from "../../src/scaling/snapshot.ts";
import { LABELS, NOW } from "./runners.ts";

/** The settings of an ordinary group, with whatever the test changes. */
export function aGroup(changes: Partial<GroupSettings> = {}): GroupSettings {
  return {
    name: "Runner group 1",
    workspace: "{6321d246-a40a-4776-8497-372a41771e65}",
    labels: LABELS,
    namespace: "default",
    strategy: "percentageRunnersIdle",
    parameters: {
      min: 1,
      max: 10,
      scaleUpThreshold: 0.5,
      scaleDownThreshold: 0.2,
      scaleUpMultiplier: 1.5,
      scaleDownMultiplier: 0.5,
    },
    resources: { requestsMemory: "2Gi", requestsCpu: "1000m", limitsMemory: "2Gi", limitsCpu: "1000m" },
    architecture: "amd64",
    nodeSelector: {},
    ...changes,
  };
}

/** The same as a pass looks after it, with other limits. */
export function aManagedGroup(limits: { readonly min?: number; readonly max?: number } = {}): ManagedGroup {
  const { parameters, ...group } = aGroup();
  return { name: group.name, key: "group", settings: { ...group, parameters: { ...parameters, ...limits } } };
}

/** What a decision about such a group looks at. */
export function aSnapshot(runners: readonly Runner[], changes: Partial<GroupSnapshot> = {}): GroupSnapshot {
  return {
    now: NOW,
    group: aManagedGroup(),
    runners,
    listing: { flavour: "internal", serverTime: NOW },
    scopeSize: runners.length,
    unresolved: 0,
    demand: undefined,
    coolDownMs: 300_000,
    affordable: 1_000,
    creationRetryAt: 0,
    ...changes,
  };
}
