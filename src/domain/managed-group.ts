import { groupKey } from "./mark.ts";
import type { Scope } from "./scope.ts";
import type { GroupSettings } from "./settings.ts";

/** A group that the controller looks after: one of the configuration, or one that left it and still has runners. */
export interface ManagedGroup {
  readonly name: string;
  readonly key: string;
  /** Where it may adopt the original's runners; undefined for a group that left. */
  readonly settings: GroupSettings | undefined;
}

export function configuredGroup(settings: GroupSettings, scope: Scope): ManagedGroup {
  return { name: settings.name, key: groupKey(scope, settings.labels), settings };
}

/** A group that left the configuration: its runners are drained, and none is made. */
export function retiredGroup(key: string): ManagedGroup {
  return { name: `removed group ${key}`, key, settings: undefined };
}
