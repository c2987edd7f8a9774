import { describe, expect, test } from "vitest";
import { jobName, secretName, UNREGISTERED_ANNOTATION } from "../../src/domain/mark.ts";
import { installationOf } from "../../src/simulation/identity.ts";
import { identityOf } from "../../src/simulator/bitbucket/world.ts";
import { type Fault, firstFault } from "../../src/simulator/faults.ts";
import type { KubeObject } from "../../src/simulator/kubernetes/objects.ts";
import { idleGroup } from "../support/idle-group.ts";
import { justBefore, listsRunners, readsJob, readsRunner, whenever, writesDrain } from "../support/moments.ts";
import { addOriginalRunner, originalDisables } from "../support/original-runner.ts";
import { SEED_SETTINGS, seedGroup, withLimits } from "../support/seed.ts";
import { HOUR, MINUTE, openStage, SECOND, type Stage, type StageOptions } from "../support/stage.ts";

/** What a process does when the world moves on between the look that it decided by and what it does. */

/** As long as a look of the cleaner's may take to come, and one of its passes. */
const NEXT_LOOK_MS = 6 * MINUTE;
/** The cleaner removes no Secret at its first sight. */
const SEEN_TWICE_MS = 4 * MINUTE;
const SLOW = { kind: "slow", requestMs: 15 * SECOND } as const satisfies Fault;

const wantFewer = (stage: Stage) => void (stage.settings = withLimits(SEED_SETTINGS, 1, 10));

/** A runner drains, and was seen disabled. @returns its uuid */
async function draining(stage: Stage): Promise<string> {
  wantFewer(stage);
  const seen = () => stage.runners.find(({ uuid }) => stage.drainOf(uuid)?.includes("disabledSeen") === true);
  await stage.until(() => seen() !== undefined, MINUTE, 100);
  return seen()?.uuid ?? "";
}

const isStanding = (object: KubeObject | undefined) =>
  object !== undefined && object.metadata.deletionTimestamp === undefined;

/** Somebody else writes on a Job: whoever read it before loses the swap. */
function touch(stage: Stage, path: string, annotations: Readonly<Record<string, string>> = { touched: "yes" }): void {
  const name = path.slice(path.lastIndexOf("/") + 1);
  stage.cluster.change("jobs", "default", name, (job) => ({
    ...job,
    metadata: { ...job.metadata, annotations: { ...job.metadata.annotations, ...annotations } },
  }));
}

/** Whose Job a request is about. */
const uuidIn = (path: string) => `{${path.slice(path.lastIndexOf("/runner-") + "/runner-".length)}}`;

/** A registration of ours that nothing in the cluster belongs to, older than a leftover. @returns its uuid */
async function abandoned(stage: Stage): Promise<string> {
  const name = `${seedGroup().name} [${installationOf(stage.cluster)}-aaaaaa]`;
  const by = { kind: "api", credential: "a creator that died", flavour: "internal" } as const;
  const runner = stage.bitbucket.runners.register(
    { workspace: stage.workspace },
    { name, labels: seedGroup().labels },
    by,
  );
  if ("problem" in runner) throw new Error(runner.problem);
  await stage.run(3 * MINUTE);
  return runner.uuid;
}

/** An agent of the runner starts somewhere, and connects within ten seconds. */
function startAgent(stage: Stage, uuid: string): void {
  const runner = stage.bitbucket.runners.find(uuid);
  if (runner !== undefined) stage.bitbucket.start(identityOf(runner), () => undefined);
}

const suspend = (stage: Stage, uuid: string, isSuspended = true) =>
  stage.cluster.change("jobs", "default", jobName(uuid), (job) => ({
    ...job,
    spec: { ...(job.spec as object), suspend: isSuspended },
  }));

/** Somebody copies a runner's pod; no node takes the copy. */
function addPod(stage: Stage, uuid: string): void {
  const containers = [{ name: "runner", image: "none", env: [{ name: "RUNNER_UUID", value: uuid }] }];
  stage.cluster.create("pods", "default", {
    metadata: { name: "by-hand", labels: { "batch.kubernetes.io/job-name": jobName(uuid), "job-name": jobName(uuid) } },
    spec: { containers, nodeSelector: { nowhere: "yes" } },
  });
}

describe("the controller", () => {
  test("disables nobody on whose Job it could not write first", async () => {
    const stage = await idleGroup(2);
    let chosen = "";
    stage.faults = {
      kubernetes: justBefore(writesDrain("draining"), ({ path }) => {
        chosen = uuidIn(path);
        touch(stage, path);
      }),
    };
    wantFewer(stage);
    const unsaid: string[] = [];
    await stage.clock.advance(MINUTE, () => {
      for (const { uuid, disabled } of stage.runners)
        if (disabled && stage.drainOf(uuid) === undefined) unsaid.push(uuid);
    });
    expect(chosen).not.toBe("");
    expect(unsaid).toEqual([]);
    // It was drained after all, once.
    expect(stage.reports.map(({ drained }) => drained).reduce((sum, each) => sum + each, 0)).toBe(1);
    expect(stage.breaches).toEqual([]);
  });

  test("does not disable a runner that took a step since it was listed", async () => {
    const stage = await idleGroup(2);
    let chosen = "";
    stage.faults = {
      kubernetes: justBefore(writesDrain("draining"), ({ path }) => {
        chosen = uuidIn(path);
        stage.queue(2, 20 * MINUTE);
        return { kind: "slow", requestMs: 9 * SECOND, replyMs: 9 * SECOND };
      }),
      bitbucket: justBefore(
        (request) => chosen !== "" && readsRunner(request),
        () => SLOW,
      ),
    };
    wantFewer(stage);
    await stage.until(() => stage.runner(chosen)?.running.length === 1, 2 * MINUTE, 100);
    await stage.run(2 * MINUTE);
    expect(stage.bitbucket.events.filter(({ type }) => type === "runner-disabled")).toEqual([]);
    expect(stage.drainOf(chosen)).toBeUndefined();
    expect(stage.breaches).toEqual([]);
  });

  test.each<[string, (stage: Stage, uuid: string) => void]>([
    ["disabled again, and would be held for good", (stage, uuid) => stage.bitbucket.humanDisables(uuid)],
    ["gone", (stage, uuid) => stage.bitbucket.humanDeletes(uuid)],
  ])("keeps its word on a draining runner that was listed as enabled, when it is %s", async (_what, happens) => {
    const stage = await idleGroup(2);
    const uuid = await draining(stage);
    stage.bitbucket.humanEnables(uuid);
    let hasHappened = false;
    stage.faults = {
      bitbucket: justBefore(readsRunner, () => {
        hasHappened = true;
        happens(stage, uuid);
      }),
    };
    await stage.until(() => hasHappened, 20 * SECOND, 50);
    await stage.run(2 * SECOND);
    expect(stage.drainOf(uuid)).toBeDefined();
    expect(stage.serving.map((runner) => runner.uuid)).not.toContain(uuid);
  });

  test("removes nobody on whose Job it could not write first that the proof holds", async () => {
    const stage = await idleGroup(2);
    const uuid = await draining(stage);
    let swaps = 0;
    stage.faults = {
      kubernetes: ({ method, url, body = "" }) => {
        if (method !== "PATCH" || !body.includes("condemned")) return undefined;
        swaps += 1;
        touch(stage, new URL(url).pathname, { touched: String(swaps) });
        return undefined;
      },
    };
    await stage.until(() => swaps >= 2, 2 * MINUTE);
    await stage.run(2 * SECOND);
    expect(stage.runner(uuid)).toMatchObject({ disabled: true });
    expect(isStanding(stage.jobOf(uuid))).toBe(true);
    stage.faults = {};
    await stage.until(() => stage.runner(uuid) === undefined, MINUTE);
    expect(stage.breaches).toEqual([]);
  });

  test("enables nobody on whose Job it could not write first that it comes back", async () => {
    const stage = await idleGroup(2);
    const uuid = await draining(stage);
    let swaps = 0;
    stage.faults = {
      kubernetes: ({ method, url, body = "" }) => {
        if (method !== "PATCH" || !body.includes("enabling")) return undefined;
        swaps += 1;
        touch(stage, new URL(url).pathname, { touched: String(swaps) });
        return undefined;
      },
    };
    stage.settings = withLimits(SEED_SETTINGS, 2, 10);
    await stage.until(() => swaps >= 2, 2 * MINUTE);
    await stage.run(2 * SECOND);
    expect(stage.runner(uuid)).toMatchObject({ disabled: true });
    expect(stage.reports.every(({ undrained }) => undrained === 0)).toBe(true);
    stage.faults = {};
    await stage.until(() => stage.serving.length === 2, MINUTE);
    expect(stage.breaches).toEqual([]);
  });

  test("begins the proof anew, and keeps its word, when the last look is by another API than the proof", async () => {
    const stage = await idleGroup(2);
    const uuid = await draining(stage);
    stage.faults = {
      kubernetes: justBefore(writesDrain("condemned"), () => void (stage.bitbucket.behaviour.internal = 410)),
    };
    await stage.until(() => stage.drainOf(uuid)?.includes("condemned") === true, MINUTE, 50);
    await stage.run(2 * SECOND);
    expect(stage.runner(uuid)).toMatchObject({ disabled: true });
    expect(JSON.parse(stage.drainOf(uuid) ?? "{}")).toEqual({
      v: 2,
      state: "draining",
      cause: "surplus",
      since: expect.any(Number) as number,
    });
    expect(isStanding(stage.jobOf(uuid))).toBe(true);
    expect(stage.breaches).toEqual([]);
  });

  test("keeps an adopted runner's Job while its Secret cannot be deleted: it leads back to it", async () => {
    const stage = openStage();
    const [, uuid] = [addOriginalRunner(stage), addOriginalRunner(stage)];
    await stage.run(MINUTE);
    originalDisables(stage, uuid);
    stage.faults = {
      kubernetes: whenever(({ method, path }) => method === "DELETE" && path.includes("/secrets/"), {
        kind: "status",
        status: 403,
        acts: "never",
      }),
    };
    stage.startBoth();
    await stage.until(() => stage.runner(uuid) === undefined, 5 * MINUTE);
    await stage.run(MINUTE);
    expect(isStanding(stage.jobOf(uuid))).toBe(true);
    stage.faults = {};
    await stage.until(() => stage.jobOf(uuid) === undefined && stage.secretOf(uuid) === undefined, NEXT_LOOK_MS);
    expect(stage.breaches).toEqual([]);
  });
});

describe("the cleaner, about a registration that nothing in the cluster seems to belong to", () => {
  test("removes it once it is certain", async () => {
    const stage = openStage();
    const uuid = await abandoned(stage);
    stage.start("cleaner");
    await stage.run(5 * SECOND);
    expect(stage.runner(uuid)).toBeUndefined();
    expect(stage.breaches).toEqual([]);
  });

  test("asks for its Job by name: one that came after the cluster was listed keeps it", async () => {
    const stage = openStage();
    const uuid = await abandoned(stage);
    stage.faults = {
      bitbucket: justBefore(listsRunners, () => {
        const containers = [{ name: "runner", image: "none", env: [{ name: "RUNNER_UUID", value: uuid }] }];
        stage.cluster.create("jobs", "default", {
          metadata: { name: jobName(uuid) },
          spec: { template: { spec: { restartPolicy: "Never", containers } } },
        });
      }),
    };
    stage.start("cleaner");
    await stage.run(5 * SECOND);
    expect(stage.runner(uuid)).toBeDefined();
    expect(stage.breaches).toEqual([]);
  });

  test("leaves it when its agent connects before the last look", async () => {
    const stage = openStage();
    const uuid = await abandoned(stage);
    stage.faults = {
      bitbucket: justBefore(readsRunner, () => {
        startAgent(stage, uuid);
        return SLOW;
      }),
    };
    stage.start("cleaner");
    await stage.run(MINUTE);
    expect(stage.runner(uuid)).toMatchObject({ status: "ONLINE" });
    expect(stage.breaches).toEqual([]);
  });

  test.each<[string, (stage: Stage, uuid: string) => Fault | undefined]>([
    [
      "is heard again",
      (stage, uuid) => {
        startAgent(stage, uuid);
        return SLOW;
      },
    ],
    ["changes", (stage, uuid) => void stage.bitbucket.humanDisables(uuid)],
  ])("leaves one that is dead by all signs when it %s before the last look", async (_what, happens) => {
    const stage = openStage();
    stage.startBoth();
    await stage.run(2 * MINUTE);
    const { uuid } = stage.anyRunner;
    stage.cluster.delete("jobs", "default", jobName(uuid), { propagationPolicy: "Background" });
    await stage.run(15 * MINUTE);
    expect(stage.runner(uuid)?.status).toBe("OFFLINE");
    let looked = false;
    stage.faults = {
      bitbucket: justBefore(
        ({ path, ...request }) => readsRunner({ path, ...request }) && path.includes(uuid),
        () => {
          looked = true;
          return happens(stage, uuid);
        },
      ),
    };
    await stage.until(() => looked, 2 * NEXT_LOOK_MS, 100);
    await stage.run(30 * SECOND);
    expect(stage.runner(uuid)).toBeDefined();
    expect(stage.breaches).toEqual([]);
  });
});

describe("the cleaner, about a runner that is to go with its Job", () => {
  /** A creator died before it made the Secret; the cleaner is about to empty it, and then to remove the runner. */
  async function withoutSecret(): Promise<{ readonly stage: Stage; readonly uuid: string }> {
    const stage = openStage();
    const controller = stage.start("controller");
    stage.faults = {
      kubernetes: ({ method, url }) =>
        method === "POST" && url.endsWith("/secrets")
          ? { kind: "crash", when: "before", crash: () => controller.crash() }
          : undefined,
    };
    await stage.until(() => stage.names("jobs").length === 1, 10 * SECOND, 100);
    await stage.run(3 * MINUTE);
    stage.faults = {};
    return { stage, uuid: stage.anyRunner.uuid };
  }

  test("takes no Secret's data when the runner connects before the look at it", async () => {
    const { stage, uuid } = await withoutSecret();
    stage.faults = {
      bitbucket: justBefore(readsRunner, () => {
        startAgent(stage, uuid);
        return SLOW;
      }),
    };
    stage.start("cleaner");
    await stage.run(MINUTE);
    expect(stage.runner(uuid)?.status).toBe("ONLINE");
    expect(stage.secretOf(uuid)).toBeUndefined();
    expect(stage.breaches).toEqual([]);
  });

  test("heeds its last look: a Secret that is gone again could be made with data, and proves nothing", async () => {
    const { stage, uuid } = await withoutSecret();
    let condemnedAt = 0;
    stage.faults = {
      kubernetes: justBefore(writesDrain("condemned", "never-connected"), () => {
        condemnedAt = stage.clock.now();
        stage.cluster.delete("secrets", "default", secretName(uuid));
      }),
    };
    stage.start("cleaner");
    await stage.until(() => condemnedAt > 0, 10 * MINUTE, 100);
    await stage.run(5 * SECOND);
    expect(stage.runner(uuid)).toBeDefined();
    expect(isStanding(stage.jobOf(uuid))).toBe(true);
    expect(stage.drainOf(uuid)).toBeUndefined();
    await stage.until(() => stage.runner(uuid) === undefined && stage.jobOf(uuid) === undefined, 10 * MINUTE);
    expect(stage.breaches).toEqual([]);
  });

  test("heeds its last look: a runner that connects after all serves on", async () => {
    const { stage, uuid } = await withoutSecret();
    let isCondemned = false;
    stage.faults = {
      kubernetes: justBefore(writesDrain("condemned"), () => {
        isCondemned = true;
        startAgent(stage, uuid);
      }),
      bitbucket: justBefore(
        (request) => isCondemned && readsRunner(request),
        () => SLOW,
      ),
    };
    stage.start("cleaner");
    await stage.until(() => isCondemned, 10 * MINUTE, 100);
    await stage.run(30 * SECOND);
    expect(stage.runner(uuid)?.status).toBe("ONLINE");
    expect(isStanding(stage.jobOf(uuid))).toBe(true);
    expect(stage.drainOf(uuid)).toBeUndefined();
    expect(stage.breaches).toEqual([]);
  });

  test("removes nobody on whose Job it could not write first that the proof holds", async () => {
    const { stage, uuid } = await withoutSecret();
    let swaps = 0;
    stage.faults = {
      kubernetes: ({ method, url, body = "" }) => {
        if (method !== "PATCH" || !body.includes("condemned")) return undefined;
        swaps += 1;
        touch(stage, new URL(url).pathname, { touched: String(swaps) });
        return undefined;
      },
    };
    stage.start("cleaner");
    await stage.until(() => swaps >= 2, 20 * MINUTE);
    await stage.run(5 * SECOND);
    expect(stage.runner(uuid)).toBeDefined();
    expect(isStanding(stage.jobOf(uuid))).toBe(true);
    stage.faults = {};
    await stage.until(() => stage.runner(uuid) === undefined && stage.jobOf(uuid) === undefined, 10 * MINUTE);
    expect(stage.breaches).toEqual([]);
  });

  /** No node at first, and none comes by itself. */
  const NONE = { name: "none", cpu: "4", memory: "16Gi", initial: 0, max: 0, bootMs: [SECOND, SECOND] } as const;

  /** A complete runner whose pod finds no node. */
  async function waiting(behaviour: StageOptions["behaviour"] = {}) {
    const stage = openStage({ pools: [NONE], behaviour });
    const controller = stage.start("controller");
    await stage.run(10 * SECOND);
    controller.crash();
    return { stage, uuid: stage.anyRunner.uuid };
  }

  test("takes no Secret's data when the agent has started before the look at its pods, though it has not connected", async () => {
    const { stage, uuid } = await waiting({ connectDelayMs: [2 * MINUTE, 2 * MINUTE] });
    let looked = false;
    stage.faults = {
      bitbucket: justBefore(readsRunner, () => {
        looked = true;
        stage.cluster.addNode(NONE);
        return { kind: "slow", requestMs: 25 * SECOND };
      }),
    };
    stage.start("cleaner");
    await stage.until(() => looked, 25 * MINUTE);
    await stage.run(30 * SECOND);
    expect(stage.secretOf(uuid)?.data).toBeDefined();
    await stage.until(() => stage.runner(uuid)?.status === "ONLINE", 3 * MINUTE);
    expect(stage.breaches).toEqual([]);
  });

  test("heeds its last look: a runner whose agent has started after all is left, though it has not connected", async () => {
    const { stage, uuid } = await waiting({ connectDelayMs: [2 * MINUTE, 2 * MINUTE] });
    const data = stage.secretOf(uuid)?.data;
    let isCondemned = false;
    stage.faults = {
      kubernetes: justBefore(writesDrain("condemned"), () => {
        isCondemned = true;
        stage.cluster.change("secrets", "default", secretName(uuid), (secret) => ({ ...secret, data }));
        stage.cluster.addNode(NONE);
      }),
      bitbucket: justBefore(
        (request) => isCondemned && readsRunner(request),
        () => ({ kind: "slow", requestMs: 25 * SECOND }),
      ),
    };
    stage.start("cleaner");
    await stage.until(() => isCondemned, 25 * MINUTE);
    await stage.until(() => stage.runner(uuid)?.status === "ONLINE", 3 * MINUTE);
    expect(isStanding(stage.jobOf(uuid))).toBe(true);
    expect(stage.drainOf(uuid)).toBeUndefined();
    expect(stage.breaches).toEqual([]);
  });

  test("an immutable Secret goes, since its data cannot be taken out; then the runner", async () => {
    const { stage, uuid } = await waiting();
    stage.cluster.change("secrets", "default", secretName(uuid), (secret) => ({ ...secret, immutable: true }));
    stage.start("cleaner");
    await stage.until(() => stage.secretOf(uuid)?.data === undefined, 25 * MINUTE);
    expect(stage.runner(uuid)).toBeDefined();
    await stage.until(() => stage.runner(uuid) === undefined && stage.jobOf(uuid) === undefined, 10 * MINUTE);
    expect(stage.breaches).toEqual([]);
  });
});

describe("the cleaner, about a runner whose Job has no pod", () => {
  /** Its Job is suspended: it has no pod, and could have one again at any time. */
  async function podless(behaviour: StageOptions["behaviour"] = {}) {
    const stage = openStage({ behaviour });
    const { controller } = stage.startBoth();
    await stage.run(2 * MINUTE);
    controller.crash();
    const { uuid } = stage.anyRunner;
    suspend(stage, uuid);
    return { stage, uuid };
  }

  test("disables it first, says so on the Job before, and removes it when the disable is seen for long enough", async () => {
    const { stage, uuid } = await podless();
    const unsaid: number[] = [];
    let disabledAt = 0;
    await stage.clock.advance(40 * MINUTE, () => {
      const runner = stage.runner(uuid);
      if (runner?.disabled !== true) return;
      disabledAt ||= stage.clock.now();
      if (stage.drainOf(uuid) === undefined) unsaid.push(stage.clock.now());
    });
    expect(unsaid).toEqual([]);
    expect([stage.runner(uuid), stage.jobOf(uuid)]).toEqual([undefined, undefined]);
    const removedAt = stage.bitbucket.events.find(({ type }) => type === "runner-deleted")?.at ?? 0;
    expect(removedAt - disabledAt).toBeGreaterThan(35 * SECOND);
    expect(stage.breaches).toEqual([]);
  });

  test("disables nobody on whose Job it could not write first", async () => {
    const { stage, uuid } = await podless();
    let swaps = 0;
    stage.faults = {
      kubernetes: ({ method, url, body = "" }) => {
        if (method !== "PATCH" || !body.includes("dead")) return undefined;
        swaps += 1;
        touch(stage, new URL(url).pathname, { touched: String(swaps) });
        return undefined;
      },
    };
    await stage.until(() => swaps >= 2, 40 * MINUTE);
    await stage.run(5 * SECOND);
    expect(stage.runner(uuid)).toMatchObject({ disabled: false });
    expect(stage.breaches).toEqual([]);
  });

  /** Something happens between the removal's being written down as proven and the last look. */
  function beforeTheLastLook(stage: Stage, happens: () => unknown, requestMs = 2 * SECOND): () => boolean {
    let isCondemned = false;
    stage.faults = {
      kubernetes: justBefore(writesDrain("condemned", "dead"), () => void (isCondemned = true)),
      bitbucket: justBefore(
        (request) => isCondemned && readsRunner(request),
        () => {
          happens();
          return { kind: "slow", requestMs };
        },
      ),
    };
    return () => isCondemned;
  }

  /** The same, before the last look at its Job and its pods. */
  function beforeTheLastLookAtTheCluster(stage: Stage, happens: () => unknown): () => boolean {
    let isCondemned = false;
    stage.faults = {
      kubernetes: firstFault(
        justBefore(writesDrain("condemned", "dead"), () => void (isCondemned = true)),
        justBefore(
          (request) => isCondemned && readsJob(request),
          () => {
            happens();
            return { kind: "slow", requestMs: 2 * SECOND };
          },
        ),
      ),
    };
    return () => isCondemned;
  }

  test("heeds its last look: one that somebody enables stays, and our word is taken off", async () => {
    const { stage, uuid } = await podless();
    const isCondemned = beforeTheLastLook(stage, () => stage.bitbucket.humanEnables(uuid));
    await stage.until(isCondemned, 40 * MINUTE, 100);
    await stage.run(10 * SECOND);
    expect(stage.runner(uuid)).toMatchObject({ disabled: false });
    expect(isStanding(stage.jobOf(uuid))).toBe(true);
    expect(stage.drainOf(uuid)).toBeUndefined();
    expect(stage.breaches).toEqual([]);
  });

  test("heeds its last look: one whose Job starts a pod is handed over to the drain, not held for good", async () => {
    const { stage, uuid } = await podless();
    const isCondemned = beforeTheLastLookAtTheCluster(stage, () => suspend(stage, uuid, false));
    await stage.until(isCondemned, 40 * MINUTE, 100);
    await stage.run(2 * MINUTE);
    expect(stage.runner(uuid)).toMatchObject({ disabled: true, status: "DISABLED" });
    expect(isStanding(stage.jobOf(uuid))).toBe(true);
    expect(stage.drainOf(uuid)).toContain('"cause":"unhealthy"');
    // Nobody reported the end of its first pod: what Bitbucket shows may be about the second agent alone.
    stage.start("controller");
    await stage.until(() => stage.serving.length === 1, 5 * MINUTE);
    await stage.run(HOUR);
    expect(stage.runner(uuid)).toMatchObject({ disabled: true });
    expect(stage.breaches).toEqual([]);
  });

  test("heeds its last look: one that is heard again stays, though no pod of it is known", async () => {
    const { stage, uuid } = await podless({ disableShows: "cordoned" });
    const isCondemned = beforeTheLastLook(stage, () => startAgent(stage, uuid), 15 * SECOND);
    await stage.until(isCondemned, 40 * MINUTE, 100);
    await stage.run(MINUTE);
    expect(stage.runner(uuid)).toMatchObject({ status: "ONLINE" });
    expect(isStanding(stage.jobOf(uuid))).toBe(true);
    expect(stage.breaches).toEqual([]);
  });

  test("heeds its last look: one whose Job is another one by now stays", async () => {
    const { stage, uuid } = await podless();
    const isCondemned = beforeTheLastLookAtTheCluster(stage, () => {
      const { labels, annotations, name } = stage.jobOf(uuid)?.metadata ?? {};
      const { template } = (stage.jobOf(uuid)?.spec ?? {}) as { readonly template?: unknown };
      stage.cluster.delete("jobs", "default", jobName(uuid), { propagationPolicy: "Background" });
      const spec = { suspend: true, template };
      stage.cluster.create("jobs", "default", { metadata: { name, labels, annotations }, spec });
    });
    await stage.until(isCondemned, 40 * MINUTE, 100);
    await stage.run(10 * SECOND);
    expect(stage.runner(uuid)).toBeDefined();
    expect(isStanding(stage.jobOf(uuid))).toBe(true);
    expect(stage.breaches).toEqual([]);
  });
});

describe("the cleaner, about a runner whose Job has ended", () => {
  async function ended(): Promise<{ readonly stage: Stage; readonly uuid: string }> {
    const stage = openStage();
    const { controller } = stage.startBoth();
    await stage.until(() => stage.serving.length === 1, MINUTE);
    controller.crash();
    const { uuid } = stage.anyRunner;
    const pod = stage.podOf(uuid);
    const { containers } = (pod?.spec ?? {}) as { readonly containers: readonly { readonly name: string }[] };
    for (const { name } of containers) stage.cluster.exitContainer("default", pod?.metadata.name ?? "", 0, name);
    return { stage, uuid };
  }

  test("removes it once it is certain", async () => {
    const { stage, uuid } = await ended();
    await stage.until(() => stage.runner(uuid) === undefined && stage.jobOf(uuid) === undefined, 20 * MINUTE);
    expect(stage.breaches).toEqual([]);
  });

  test.each<[string, (stage: Stage, uuid: string) => void, "bitbucket" | "kubernetes"]>([
    ["a pod of it", addPod, "kubernetes"],
    ["its agent heard", startAgent, "bitbucket"],
  ])("heeds its last look: with %s again it stays", async (_what, happens, plane) => {
    const { stage, uuid } = await ended();
    let isCondemned = false;
    const noted = justBefore(writesDrain("condemned", "dead"), () => void (isCondemned = true));
    const looked = plane === "bitbucket" ? readsRunner : readsJob;
    const moved = justBefore(
      (request) => isCondemned && looked(request),
      () => {
        happens(stage, uuid);
        return SLOW;
      },
    );
    stage.faults =
      plane === "bitbucket" ? { kubernetes: noted, bitbucket: moved } : { kubernetes: firstFault(noted, moved) };
    await stage.until(() => isCondemned, 20 * MINUTE, 100);
    await stage.run(30 * SECOND);
    expect(stage.runner(uuid)).toBeDefined();
    expect(isStanding(stage.jobOf(uuid))).toBe(true);
    expect(stage.drainOf(uuid)).toBeUndefined();
    expect(stage.breaches).toEqual([]);
  });
});

describe("the cleaner, about a Job whose registration seems to be gone", () => {
  test("asks for the registration itself before it notes that: a listing may be behind", async () => {
    const stage = openStage({ behaviour: { createdListedAfterMs: 200 * SECOND } });
    stage.start("controller");
    await stage.run(20 * SECOND);
    const { uuid } = stage.anyRunner;
    stage.start("cleaner");
    await stage.run(MINUTE);
    expect(stage.jobOf(uuid)?.metadata.annotations?.[UNREGISTERED_ANNOTATION]).toBeUndefined();
    expect(stage.serving.map((runner) => runner.uuid)).toContain(uuid);
    expect(stage.breaches).toEqual([]);
  });

  test("leaves it when its agent has started meanwhile", async () => {
    const pool = { name: "late", cpu: "4", memory: "16Gi", initial: 0, max: 0, bootMs: [SECOND, SECOND] } as const;
    const stage = openStage({ pools: [pool], behaviour: { agentOnDeleted: "stays" } });
    const controller = stage.start("controller");
    await stage.run(10 * SECOND);
    controller.crash();
    const { uuid } = stage.anyRunner;
    let looks = 0;
    stage.bitbucket.humanDeletes(uuid);
    stage.faults = {
      bitbucket: justBefore(readsRunner, () => {
        looks += 1;
        stage.cluster.addNode(pool);
        return SLOW;
      }),
    };
    stage.start("cleaner");
    await stage.until(() => looks > 0, 3 * MINUTE);
    await stage.run(30 * SECOND);
    expect(looks).toBe(1);
    expect(isStanding(stage.jobOf(uuid))).toBe(true);
    expect(stage.breaches).toEqual([]);
  });
});

describe("the cleaner, about a Secret that nothing seems to belong to", () => {
  /** A Secret of ours without an owner, older than a leftover. */
  async function withSecret(stage: Stage, uuid: string): Promise<void> {
    const controller = stage.start("controller");
    await stage.until(() => stage.names("secrets").some((name) => name.startsWith("runner-oauth")), MINUTE, 100);
    controller.crash();
    const [made] = stage.cluster.list("secrets").filter(({ metadata }) => metadata.name.startsWith("runner-oauth"));
    const labels = { ...made?.metadata.labels, runner_uuid: uuid.slice(1, -1) };
    stage.cluster.create("secrets", "default", { metadata: { name: secretName(uuid), labels }, data: {} });
    await stage.run(3 * MINUTE);
  }
  const UUID = "{11111111-2222-4333-8444-555555555555}";

  test("removes it once it is certain", async () => {
    const stage = openStage();
    await withSecret(stage, UUID);
    stage.start("cleaner");
    await stage.run(SEEN_TWICE_MS);
    expect(stage.secretOf(UUID)).toBeUndefined();
    expect(stage.breaches).toEqual([]);
  });

  test("leaves one that is called otherwise than a runner's Secret", async () => {
    const stage = openStage();
    await withSecret(stage, UUID);
    const labels = stage.secretOf(UUID)?.metadata.labels;
    stage.cluster.create("secrets", "default", { metadata: { name: "by-hand", labels }, data: {} });
    await stage.run(3 * MINUTE);
    stage.start("cleaner");
    await stage.run(SEEN_TWICE_MS);
    expect(stage.secretOf(UUID)).toBeUndefined();
    expect(stage.cluster.get("secrets", "default", "by-hand")).toBeDefined();
    expect(stage.breaches).toEqual([]);
  });

  test("asks for the registration itself: a listing may be behind", async () => {
    const stage = openStage({ behaviour: { createdListedAfterMs: 10 * MINUTE } });
    const uuid = await abandoned(stage);
    await withSecret(stage, uuid);
    stage.start("cleaner");
    await stage.run(SEEN_TWICE_MS);
    expect(stage.secretOf(uuid)).toBeDefined();
    expect(stage.breaches).toEqual([]);
  });

  test("asks for the Job by name: one that came after the cluster was listed keeps it", async () => {
    const stage = openStage();
    await withSecret(stage, UUID);
    stage.faults = {
      bitbucket: justBefore(listsRunners, () => {
        stage.cluster.create("jobs", "default", {
          metadata: { name: jobName(UUID) },
          spec: { template: { spec: { restartPolicy: "Never", containers: [{ name: "none", image: "none" }] } } },
        });
      }),
    };
    stage.start("cleaner");
    await stage.run(SEEN_TWICE_MS);
    expect(stage.secretOf(UUID)).toBeDefined();
    expect(stage.breaches).toEqual([]);
  });
});
