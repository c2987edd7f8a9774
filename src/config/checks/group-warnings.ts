import { isGiven, type Tree } from "../../yaml/tree.ts";
import type { ConfigCode } from "../codes.ts";
import type { Finding } from "../finding.ts";
import { addedLabels, PLATFORM_LABELS, platformLabel } from "../labels.ts";
import { quantitySize } from "./quantity.ts";
import type { PartialGroup } from "./rules.ts";

const MEBIBYTE = 2 ** 20;
/** No step runs in less memory than this. */
const LEAST_MEMORY_BYTES = 64 * MEBIBYTE;
/** No node has more processors than this: `2000` was to be `2000m`. */
const MOST_CPUS = 400;
/** Bitbucket allows ten custom labels; `autoscaler.created` is one of them. */
const MOST_LABELS = 9;
const ARCHITECTURE_LABELS = ["kubernetes.io/arch", "beta.kubernetes.io/arch"];

type Say = (code: ConfigCode, path: readonly (string | number)[], message: string, more?: Partial<Finding>) => Finding;

/** Warnings about one group. */
export function groupWarnings(index: number, group: PartialGroup, tree: Tree): Finding[] {
  const say: Say = (code, path, message, more) => ({ code, path: ["groups", index, ...path], message, ...more });
  return [
    ...sizes(group, say),
    ...thresholds(group, say),
    ...labels(group, say),
    ...resources(index, group, tree, say),
    ...architecture(group, say),
  ];
}

function sizes({ parameters: { min, max } = {} }: PartialGroup, say: Say): Finding[] {
  if (max === 0) return [say("max-zero", ["parameters", "max"], "with a max of 0 the group never has a runner")];
  if (min !== 0) return [];
  const message = "with a min of 0 the group has nothing to grow from: queued steps are not read from Bitbucket yet";
  return [say("min-zero", ["parameters", "min"], message, { suggestion: "1, which keeps one runner warm" })];
}

/**
 * Growing by the multiplier lowers the busy share by it; when that falls below the lower threshold, the next pass shrinks the group
 * again. The same the other way round.
 */
function thresholds({ parameters = {} }: PartialGroup, say: Say): Finding[] {
  const up = parameters.scale_up_threshold;
  const down = parameters.scale_down_threshold;
  const findings: Finding[] = [];
  if (up === 1) {
    const message = "the share of busy runners is never above 1, so the group never grows beyond min by it";
    findings.push(say("never-grows", ["parameters", "scale_up_threshold"], message, { expected: "a share below 1" }));
  }
  if (down === 0) {
    const message = "the share of busy runners is never below 0, so the group never shrinks";
    findings.push(
      say("never-shrinks", ["parameters", "scale_down_threshold"], message, { expected: "a share above 0" }),
    );
  }
  const oscillation = up === undefined || down === undefined ? undefined : oscillates(up, down, parameters);
  if (oscillation !== undefined) {
    findings.push(say("thresholds-oscillate", ["parameters", "scale_down_threshold"], ...oscillation));
  }
  return findings;
}

function oscillates(
  up: number,
  down: number,
  parameters: NonNullable<PartialGroup["parameters"]>,
): [string, Partial<Finding>] | undefined {
  const { scale_up_multiplier: grow, scale_down_multiplier: shrink } = parameters;
  if (down >= up) {
    return [
      `the group shrinks below a share of ${down} and grows above ${up}: between them it does both`,
      { expected: `a share below ${up}` },
    ];
  }
  if (grow !== undefined && up / grow < down) {
    const after = rounded(up / grow);
    const message = `a group that has grown ${grow}-fold at a share of ${up} then has a share of ${after}, which is below ${down}: it shrinks again`;
    return [message, { expected: `a share of at most ${after}` }];
  }
  if (shrink !== undefined && down / shrink > up) {
    const after = rounded(down / shrink);
    const message = `a group that has shrunk to ${shrink} of its runners at a share of ${down} then has a share of ${after}, which is above ${up}: it grows again`;
    return [message, { expected: `a share of at most ${rounded(up * shrink)}` }];
  }
  return undefined;
}

function labels({ labels: given = [], architecture: platform }: PartialGroup, say: Say): Finding[] {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  given.forEach((label, position) => {
    if (label === undefined || platform === undefined) return;
    const path = ["labels", position];
    const isRepeated = seen.has(label);
    seen.add(label);
    if (isRepeated) {
      findings.push(say("duplicate-label", path, `the label ${label} appears twice`));
    } else if (addedLabels(platform).includes(label)) {
      findings.push(say("own-label", path, `the label ${label} is added automatically and need not be written`));
    } else if (PLATFORM_LABELS.includes(label)) {
      const arm = label === "linux.arm64" ? { suggestion: "architecture: arm64 instead of the label" } : {};
      const message = `the label ${label} is a second platform beside ${platformLabel(platform)}, and Bitbucket wants exactly one`;
      findings.push(say("second-platform", path, message, arm));
    }
  });
  const added = platform === undefined ? [] : addedLabels(platform);
  const own = new Set(given.filter((label) => label === undefined || !added.includes(label)));
  if (own.size > MOST_LABELS) {
    const message = `the group has ${own.size} labels of its own; with autoscaler.created that is more than Bitbucket allows`;
    findings.push(say("many-labels", ["labels"], message, { expected: `at most ${MOST_LABELS} labels` }));
  }
  return findings;
}

function resources(index: number, { resources: given = {} }: PartialGroup, tree: Tree, say: Say): Finding[] {
  return (["memory", "cpu"] as const).flatMap((kind) => {
    const request = given.requests?.[kind];
    const limit = given.limits?.[kind];
    const findings: Finding[] = [];
    for (const [side, quantity] of [["requests", request] as const, ["limits", limit] as const]) {
      const path = ["resources", side, kind];
      if (quantity === undefined) continue;
      if (kind === "memory" && quantitySize(quantity) < LEAST_MEMORY_BYTES) {
        findings.push(
          say("odd-quantity", path, `${quantity} of memory is ${quantitySize(quantity)} bytes`, {
            expected: "at least 64Mi",
          }),
        );
      }
      if (kind === "cpu" && quantitySize(quantity) > MOST_CPUS) {
        const milli = /^[0-9]+$/.test(quantity) ? { suggestion: `${quantity}m` } : {};
        findings.push(
          say("odd-quantity", path, `${quantity} of cpu is ${quantitySize(quantity)} whole processors`, milli),
        );
      }
    }
    if (request !== undefined && limit !== undefined && quantitySize(request) > quantitySize(limit)) {
      const limitGiven = isGiven(tree, ["groups", index, "resources", "limits", kind]);
      const message = `the ${kind} request of ${request} is above its limit of ${limit}${limitGiven ? "" : ", the default"}: Kubernetes refuses such pods`;
      findings.push(
        say("requests-above-limits", ["resources", "requests", kind], message, { expected: `at most ${limit}` }),
      );
    }
    return findings;
  });
}

function architecture({ architecture: wanted, node_selector: selector = {} }: PartialGroup, say: Say): Finding[] {
  return ARCHITECTURE_LABELS.flatMap((label) => {
    const selected = selector[label];
    if (wanted === undefined || selected === undefined || selected === wanted) return [];
    const message = `the nodes are ${selected}, the group's architecture is ${wanted}: its runners register for the wrong platform`;
    return [say("architecture-mismatch", ["node_selector", label], message, { expected: wanted })];
  });
}

function rounded(share: number): number {
  return Math.floor(share * 1000) / 1000;
}
