import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { stringify } from "yaml";
import type { GroupSettings } from "../domain/settings.ts";
import { readSettings } from "./load.ts";

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
const quantity = (units: readonly string[]) =>
  fc.tuple(fc.integer({ min: 1, max: 999 }), fc.constantFrom(...units)).map(([size, unit]) => `${size}${unit}`);
const share = fc.double({ min: 0, max: 1, noNaN: true });

/** A group as a file holds it. */
const anyGroup = fc.record({
  name: fc.oneof(
    word,
    fc.constantFrom(
      "yes",
      "010",
      "12:30",
      "a: b",
      "# no comment",
      "é ü",
      "{x}",
      "null",
      "2026-11-24",
      "1e3",
      "- x",
      "'",
    ),
  ),
  workspace: fc.oneof(
    word,
    fc.uuid().map((uuid) => `{${uuid}}`),
  ),
  repository: fc.option(word, { nil: undefined }),
  labels: fc.uniqueArray(fc.stringMatching(/^[a-z0-9]{1,6}(\.[a-z0-9]{1,4})?$/), { minLength: 1, maxLength: 9 }),
  namespace: word,
  strategy: fc.constant("percentageRunnersIdle" as const),
  parameters: fc
    .tuple(
      fc.integer({ min: 0, max: 100 }),
      fc.integer({ min: 0, max: 100 }),
      share,
      share,
      fc.double({ min: 0, minExcluded: true, max: 1, maxExcluded: true, noNaN: true }),
    )
    .map(([one, other, up, down, shrink]) => ({
      min: Math.min(one, other),
      max: Math.max(one, other),
      scale_up_threshold: up,
      scale_down_threshold: down,
      scale_up_multiplier: 1.5,
      scale_down_multiplier: shrink,
    })),
  resources: fc.record({
    requests: fc.record({ memory: quantity(["Mi", "Gi", "M"]), cpu: quantity(["m", ""]) }),
    limits: fc.record({ memory: quantity(["Mi", "Gi", "M"]), cpu: quantity(["m", ""]) }),
  }),
  architecture: fc.constantFrom("amd64" as const, "arm64" as const),
  node_selector: fc.dictionary(
    fc.stringMatching(/^([a-z]{1,5}\.io\/)?[a-z0-9]{1,6}$/),
    fc.stringMatching(/^([a-zA-Z0-9]{1,6})?$/),
    { maxKeys: 3, noNullPrototype: true },
  ),
});

const anyFile = fc.record({
  constants: fc.record({
    default_sleep_time_runner_setup: fc.integer({ min: 0, max: 1000 }),
    default_sleep_time_runner_delete: fc.integer({ min: 0, max: 1000 }),
    runner_api_polling_interval: fc.integer({ min: 1, max: 1000 }),
    runner_cool_down_period: fc.integer({ min: 0, max: 1000 }),
    pacing: fc.constantFrom("adaptive" as const, "fixed" as const),
    api_requests_per_hour: fc.integer({ min: 60, max: 10_000 }),
  }),
  groups: fc.uniqueArray(anyGroup, {
    minLength: 1,
    maxLength: 4,
    comparator: (one, other) => one.name === other.name || labelSet(one) === labelSet(other),
  }),
});

function labelSet({ labels, architecture }: { labels: readonly string[]; architecture: string }): string {
  const added = ["self.hosted", architecture === "arm64" ? "linux.arm64" : "linux", "autoscaler.created"];
  return [...new Set([...labels, ...added])].toSorted().join();
}

/** What the file means, said independently of the loader. */
function meant(group: typeof anyGroup extends fc.Arbitrary<infer Group> ? Group : never): Partial<GroupSettings> {
  const { parameters, resources } = group;
  return {
    name: group.name,
    workspace: group.workspace,
    namespace: group.namespace,
    architecture: group.architecture,
    nodeSelector: { ...group.node_selector },
    parameters: {
      min: parameters.min,
      max: parameters.max,
      scaleUpThreshold: parameters.scale_up_threshold,
      scaleDownThreshold: parameters.scale_down_threshold,
      scaleUpMultiplier: parameters.scale_up_multiplier,
      scaleDownMultiplier: parameters.scale_down_multiplier,
    },
    resources: {
      requestsMemory: resources.requests.memory,
      requestsCpu: resources.requests.cpu,
      limitsMemory: resources.limits.memory,
      limitsCpu: resources.limits.cpu,
    },
    ...(group.repository !== undefined && { repository: group.repository }),
  };
}

test.prop([anyFile, fc.constantFrom("yaml", "json")], { numRuns: 150 })(
  "a file without errors means what it says, as YAML 1.1 and as JSON",
  (file, format) => {
    const text = format === "json" ? JSON.stringify(file) : stringify(file, { version: "1.1" });
    const { settings, diagnostics } = readSettings(text, "f.yaml");
    expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(settings?.constants).toEqual({
      setupSleepMs: file.constants.default_sleep_time_runner_setup * 1000,
      deleteSleepMs: file.constants.default_sleep_time_runner_delete * 1000,
      pollingIntervalMs: file.constants.runner_api_polling_interval * 1000,
      coolDownMs: file.constants.runner_cool_down_period * 1000,
      pacing: file.constants.pacing,
      apiRequestsPerHour: file.constants.api_requests_per_hour,
    });
    expect(settings?.groups).toHaveLength(file.groups.length);
    file.groups.forEach((group, index) => {
      const read = settings?.groups[index];
      expect(read).toMatchObject(meant(group));
      expect(read?.repository).toBe(group.repository);
      expect(read?.labels.slice(0, group.labels.length)).toEqual(group.labels);
      expect(read?.labels.toSorted().join()).toBe(labelSet(group));
    });
  },
);
