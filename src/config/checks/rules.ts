import { shown } from "../../support/shown.ts";
import type { Finding } from "../finding.ts";
import { fullLabels } from "../labels.ts";
import type { SettingsFile } from "../schema.ts";
import type { Salvaged } from "./salvage.ts";

export type PartialFile = Salvaged<SettingsFile>;
export type PartialGroup = NonNullable<NonNullable<PartialFile["groups"]>[number]>;

/** The file's groups that are there, with their places in the list. */
export function groupsOf(file: PartialFile): (readonly [index: number, group: PartialGroup])[] {
  return (file.groups ?? []).flatMap((group, index) => (group === undefined ? [] : [[index, group] as const]));
}

/** Errors that concern several values at once. Each looks only at values that are right by themselves. */
export function brokenRules(file: PartialFile): Finding[] {
  const groups = groupsOf(file);
  return [
    ...groups.flatMap(([index, group]) => minAboveMax(index, group)),
    ...sameNames(groups),
    ...sameLabels(groups),
  ];
}

function minAboveMax(index: number, group: PartialGroup): Finding[] {
  const { min, max } = group.parameters ?? {};
  if (min === undefined || max === undefined || min <= max) return [];
  return [
    {
      code: "min-above-max",
      path: ["groups", index, "parameters", "min"],
      message: `groups[${index}].parameters.min is ${min}, above its max of ${max}`,
      expected: `a whole number from 0 to ${max}`,
    },
  ];
}

function sameNames(groups: readonly (readonly [number, PartialGroup])[]): Finding[] {
  return repeated(groups, (group) => group.name).map(([index, first, name]) => ({
    code: "duplicate-name",
    path: ["groups", index, "name"],
    message: `groups[${index}] has the name of groups[${first}], ${JSON.stringify(name)}`,
    expected: "a name of its own for each group",
  }));
}

/** Two groups with one label set would count, and take away, each other's runners. */
function sameLabels(groups: readonly (readonly [number, PartialGroup])[]): Finding[] {
  return repeated(groups, labelSet).map(([index, first, labels]) => ({
    code: "duplicate-label-set",
    path: ["groups", index, "labels"],
    message: `groups[${index}] has the labels of groups[${first}]: ${shown(labels)}`,
    expected: "a set of labels of its own for each group",
  }));
}

/** The full set in a canonical order; undefined when some of it is wrong. */
function labelSet(group: PartialGroup): string | undefined {
  const own = group.labels?.filter((label) => label !== undefined) ?? [];
  if (own.length === 0 || own.length < (group.labels?.length ?? 0) || group.architecture === undefined)
    return undefined;
  return fullLabels(own, group.architecture).toSorted().join(", ");
}

/** Every group whose key an earlier one has: its index, the first one's, and the key. */
function repeated(
  groups: readonly (readonly [number, PartialGroup])[],
  keyOf: (group: PartialGroup) => string | undefined,
): (readonly [index: number, first: number, key: string])[] {
  const firsts = new Map<string, number>();
  return groups.flatMap(([index, group]) => {
    const key = keyOf(group);
    if (key === undefined) return [];
    const first = firsts.get(key);
    if (first === undefined) firsts.set(key, index);
    return first === undefined ? [] : [[index, first, key] as const];
  });
}
