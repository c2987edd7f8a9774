import { SCOPE_CAPACITY, scopeRefKey } from "../../domain/scope.ts";
import { isGiven, type Tree } from "../../yaml/tree.ts";
import type { Finding } from "../finding.ts";
import { groupWarnings } from "./group-warnings.ts";
import { groupsOf, type PartialFile } from "./rules.ts";

/** The pace of adaptive passes; an interval below it changes nothing. */
const ADAPTIVE_PASS_SECONDS = 15;

/** Warnings: what works, but probably not as its author intended. */
export function warningsOf(file: PartialFile, tree: Tree): Finding[] {
  return [
    ...pacing(file, tree),
    ...groupsOf(file).flatMap(([index, group]) => groupWarnings(index, group, tree)),
    ...overbooked(file),
  ];
}

/**
 * Every file of the original holds an interval and sleeps that were there to spare Bitbucket's API. Whoever sets `pacing`
 * knows about it, and is not told again.
 */
function pacing(file: PartialFile, tree: Tree): Finding[] {
  if (isGiven(tree, ["constants", "pacing"])) return [];
  const interval = file.constants?.runner_api_polling_interval;
  const findings: Finding[] = [];
  if (interval !== undefined && interval > ADAPTIVE_PASS_SECONDS && given("runner_api_polling_interval")) {
    findings.push({
      code: "pacing-interval",
      path: ["constants", "runner_api_polling_interval"],
      message: `${interval} s is the longest time between passes; while a group changes, a pass follows at least every ${ADAPTIVE_PASS_SECONDS} s, inside the request budget`,
      suggestion:
        "pacing: adaptive (to keep this and silence the warning) or pacing: fixed (for the original's timing)",
    });
  }
  const sleeps = ["default_sleep_time_runner_setup", "default_sleep_time_runner_delete"] as const;
  const sleep = sleeps.find((key) => given(key) && (file.constants?.[key] ?? 0) > 0);
  if (sleep !== undefined) {
    findings.push({
      code: "pacing-sleeps",
      path: ["constants", sleep],
      message:
        "the sleeps are the first back-off after Bitbucket pushed back; otherwise runners are made and removed without pauses",
      suggestion:
        "pacing: adaptive (to keep this and silence the warning) or pacing: fixed (for the original's timing)",
    });
  }
  return findings;

  function given(key: string): boolean {
    return isGiven(tree, ["constants", key]);
  }
}

/** Bitbucket's limit is by workspace and by repository, whatever the groups in it want together. */
function overbooked(file: PartialFile): Finding[] {
  const wanted = new Map<string, number>();
  return groupsOf(file).flatMap(([index, { workspace, repository, parameters }]) => {
    const max = parameters?.max;
    if (workspace === undefined || max === undefined) return [];
    const scope = scopeRefKey({ workspace, ...(repository !== undefined && { repository }) });
    const before = wanted.get(scope) ?? 0;
    wanted.set(scope, before + max);
    if (before > SCOPE_CAPACITY || before + max <= SCOPE_CAPACITY) return [];
    return [
      {
        code: "scope-overbooked",
        path: ["groups", index, "parameters", "max"],
        message: `the groups of ${scope} may want ${before + max} runners together`,
        expected: `at most ${SCOPE_CAPACITY}, which Bitbucket allows a ${repository === undefined ? "workspace" : "repository"}`,
      } as const,
    ];
  });
}
