import { describe, expect, test } from "vitest";
import { jobName } from "../../src/domain/mark.ts";
import { installationOf } from "../../src/simulation/identity.ts";
import { type Fault, firstFault } from "../../src/simulator/faults.ts";
import { justBefore, makes, registers, whenever } from "../support/moments.ts";
import { SEED_SETTINGS, seedGroup, withLimits } from "../support/seed.ts";
import { MINUTE, openStage, SECOND, type Stage } from "../support/stage.ts";

/** What a creator does between two of its calls when the world has moved on. No cleaner runs unless a test says so. */

const NAME = "runners-autoscaler/name";
const NEVER = { acts: "never", kind: "status" } as const;

interface Sent {
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

const sent = (body: string) => JSON.parse(body) as Sent & Readonly<Record<string, unknown>>;
/** The list of the group's Jobs that decides whether a batch fits. */
const decides = ({ method, path }: { readonly method: string; readonly path: string }) =>
  method === "GET" && path.includes("runners-autoscaler/group=");
const secretsMade = (stage: Stage) => stage.cluster.requests().get("create secrets") ?? 0;
const standing = (stage: Stage) =>
  stage.cluster.list("jobs").filter(({ metadata }) => metadata.deletionTimestamp === undefined);
const credentials = (stage: Stage) => stage.names("secrets").filter((name) => name.startsWith("runner-oauth"));

test("an attempt that is too old gets no Job: its registration is inert, and left to the clean-up", async () => {
  // Each request is within its deadline, together they are not: a new token, and the registration itself.
  const stage = openStage({ behaviour: { tokenLifeMs: 20 * SECOND } });
  let tokens = 0;
  const slowly = () => ({ kind: "slow", requestMs: 20 * SECOND }) as const;
  stage.faults = {
    kubernetes: justBefore(({ path }) => path.endsWith("/namespaces/default"), slowly),
    bitbucket: firstFault(
      ({ url }) => (url.includes("access_token") && ++tokens === 2 ? slowly() : undefined),
      justBefore(registers, () => ({ kind: "slow", requestMs: 15 * SECOND })),
    ),
  };
  const controller = stage.start("controller");
  await stage.until(() => stage.registrations === 1, 2 * MINUTE, 100);
  await stage.run(2 * SECOND);
  expect(tokens).toBe(2);
  expect(stage.names("jobs")).toEqual([]);
  expect(credentials(stage)).toEqual([]);
  controller.crash();
  stage.start("cleaner");
  await stage.until(() => stage.runners.length === 0, 10 * MINUTE);
  expect(stage.breaches).toEqual([]);
});

describe("a Job of the runner's name that is there already", () => {
  test("is somebody else's when its name annotation is another: no credentials are made for it", async () => {
    const stage = openStage();
    stage.faults = {
      kubernetes: justBefore(makes("jobs"), ({ body }) => {
        const job = sent(body);
        const annotations = { ...job.metadata.annotations, [NAME]: "somebody else's" };
        stage.cluster.create("jobs", "default", { ...job, metadata: { ...job.metadata, annotations } });
      }),
    };
    stage.start("controller");
    await stage.until(() => stage.names("jobs").length === 1, 10 * SECOND, 100);
    await stage.run(2 * SECOND);
    expect(stage.registrations).toBe(1);
    expect(secretsMade(stage)).toBe(0);
    expect(stage.lastReport().created).toBe(0);
    expect(stage.breaches).toEqual([]);
  });

  test.each<[string, (stage: Stage, body: string) => Fault | undefined]>([
    ["only the reply to its making was lost", () => ({ kind: "lost-reply" })],
    ["its name annotation is", (stage, body) => void stage.cluster.create("jobs", "default", sent(body))],
  ])("is its own when %s: it goes on", async (_what, happens) => {
    const stage = openStage();
    stage.faults = { kubernetes: justBefore(makes("jobs"), ({ body }) => happens(stage, body)) };
    stage.start("controller");
    await stage.until(() => stage.serving.length === 1, MINUTE);
    expect(stage.registrations).toBe(1);
    expect(stage.breaches).toEqual([]);
  });
});

describe("the list that decides", () => {
  /** Somebody else's runner of the same group comes into being meanwhile: its Job, as far as the list shows it. */
  const another = (stage: Stage) =>
    justBefore(decides, () => {
      const [name = ""] = stage.names("jobs");
      const job = stage.cluster.get("jobs", "default", name);
      const uuid = "11111111-2222-4333-8444-555555555555";
      const labels = { ...job?.metadata.labels, runner_uuid: uuid };
      const annotations = { ...job?.metadata.annotations, [NAME]: "another's" };
      stage.cluster.create("jobs", "default", {
        apiVersion: "batch/v1",
        kind: "Job",
        metadata: { name: `runner-${uuid}`, labels, annotations },
        spec: { template: { spec: { restartPolicy: "Never", containers: [{ name: "none", image: "none" }] } } },
      });
    });

  test("counts with it the runners that have no Job: what does not fit is taken back before it got credentials", async () => {
    const stage = openStage({ settings: withLimits(SEED_SETTINGS, 4, 5) });
    const name = `${seedGroup().name} [${installationOf(stage.cluster)}-abandoned]`;
    stage.bitbucket.humanRegisters({ workspace: stage.workspace }, { name, labels: seedGroup().labels });
    stage.faults = { kubernetes: another(stage) };
    stage.start("controller");
    await stage.until(() => credentials(stage).length > 0, 10 * SECOND, 100);
    await stage.run(2 * SECOND);
    expect(credentials(stage)).toHaveLength(3);
    expect(standing(stage)).toHaveLength(4);
    expect(stage.runners).toHaveLength(4);
  });

  test("takes back no more than does not fit", async () => {
    const stage = openStage({ settings: withLimits(SEED_SETTINGS, 4, 4) });
    stage.faults = { kubernetes: another(stage) };
    stage.start("controller");
    await stage.until(() => credentials(stage).length > 0, 10 * SECOND, 100);
    await stage.run(2 * SECOND);
    expect(credentials(stage)).toHaveLength(3);
    expect(standing(stage)).toHaveLength(4);
    expect(stage.runners).toHaveLength(3);
    expect(stage.breaches).toEqual([]);
  });

  test("keeps the Job of what is taken back while its registration cannot be deleted: it leads back to it", async () => {
    const stage = openStage({ settings: withLimits(SEED_SETTINGS, 4, 4) });
    stage.faults = {
      kubernetes: another(stage),
      bitbucket: whenever(({ method }) => method === "DELETE", { ...NEVER, status: 503 }),
    };
    stage.start("controller");
    await stage.until(() => credentials(stage).length > 0, 10 * MINUTE, 100);
    await stage.run(20 * SECOND);
    expect(credentials(stage)).toHaveLength(3);
    expect(stage.runners).toHaveLength(4);
    for (const { uuid } of stage.runners)
      expect(standing(stage).map(({ metadata }) => metadata.name)).toContain(jobName(uuid));
    expect(stage.breaches).toEqual([]);
  });

  test("that cannot be read is told once for the whole batch, none of which goes further", async () => {
    const stage = openStage({ settings: withLimits(SEED_SETTINGS, 3, 5) });
    stage.faults = { kubernetes: whenever(decides, { ...NEVER, status: 403, body: "no" }) };
    stage.start("controller");
    await stage.run(4 * SECOND);
    expect(stage.names("jobs")).toHaveLength(3);
    expect(secretsMade(stage)).toBe(0);
    expect(stage.failures.map(({ operation }) => operation)).toEqual(["create"]);
    expect(stage.breaches).toEqual([]);
  });

  test("shows that a Job is gone again: no credentials are made for its runner", async () => {
    const stage = openStage();
    stage.faults = {
      kubernetes: justBefore(decides, () => {
        for (const name of stage.names("jobs"))
          stage.cluster.delete("jobs", "default", name, { propagationPolicy: "Background" });
      }),
    };
    stage.start("controller");
    await stage.run(4 * SECOND);
    expect(stage.registrations).toBe(1);
    expect(secretsMade(stage)).toBe(0);
    expect(stage.lastReport().created).toBe(0);
  });
});

test("a Secret of the runner's name that is there already is left as it is, and the runner counts as none", async () => {
  const stage = openStage({ settings: withLimits(SEED_SETTINGS, 2, 10) });
  let voided = "";
  stage.faults = {
    kubernetes: justBefore(makes("secrets"), ({ body }) => {
      voided = sent(body).metadata.name;
      stage.cluster.create("secrets", "default", { metadata: { name: voided }, data: {} });
    }),
  };
  stage.start("controller");
  await stage.until(() => credentials(stage).length === 2, 10 * SECOND, 100);
  await stage.run(SECOND);
  expect(stage.cluster.get("secrets", "default", voided)?.data).toEqual({});
  expect(stage.lastReport().created).toBe(1);
  expect(stage.breaches).toEqual([]);
});

test("one of a batch that fails keeps none of the others from being set up", async () => {
  const stage = openStage({ settings: withLimits(SEED_SETTINGS, 4, 10) });
  stage.faults = { kubernetes: justBefore(makes("jobs"), () => ({ ...NEVER, status: 403, body: "no" })) };
  stage.start("controller");
  await stage.run(4 * SECOND);
  expect(credentials(stage)).toHaveLength(3);
  expect(stage.lastReport().created).toBe(3);
  expect(stage.failures).toHaveLength(1);
  expect(stage.breaches).toEqual([]);
});

test("once a creation has succeeded again, batches are made again", async () => {
  const stage = openStage({ settings: withLimits(SEED_SETTINGS, 2, 20) });
  stage.faults = { kubernetes: justBefore(makes("jobs"), () => ({ ...NEVER, status: 403, body: "no" })) };
  stage.start("controller");
  await stage.until(() => stage.serving.length === 2, 2 * MINUTE);
  stage.settings = withLimits(SEED_SETTINGS, 8, 20);
  await stage.until(() => credentials(stage).length > 2, 20 * SECOND, 100);
  await stage.run(SECOND);
  expect(credentials(stage)).toHaveLength(8);
  expect(stage.breaches).toEqual([]);
});

test("where the namespace can be neither found nor made, nothing is registered", async () => {
  const stage = openStage({ settings: { ...SEED_SETTINGS, groups: [seedGroup({ namespace: "runners" })] } });
  stage.faults = {
    kubernetes: whenever(({ path }) => /\/namespaces(\/runners)?$/.test(path), { ...NEVER, status: 403, body: "no" }),
  };
  stage.startBoth();
  await stage.run(10 * MINUTE);
  expect(stage.registrations).toBe(0);
  expect(stage.failures.length).toBeGreaterThan(0);
  stage.faults = {};
  await stage.until(() => stage.serving.length === 1, 2 * MINUTE);
  expect(stage.breaches).toEqual([]);
});

test("draining runners come back before others are registered", async () => {
  const stage = openStage({ settings: withLimits(SEED_SETTINGS, 2, 10) });
  stage.startBoth();
  await stage.until(() => stage.serving.length === 2, 2 * MINUTE);
  await stage.run(6 * MINUTE);
  stage.settings = withLimits(SEED_SETTINGS, 1, 10);
  await stage.until(() => stage.runners.some(({ disabled }) => disabled), MINUTE);
  const from = stage.bitbucket.events.length;
  stage.settings = withLimits(SEED_SETTINGS, 4, 10);
  await stage.until(() => stage.registrations === 4, MINUTE);
  const since = stage.bitbucket.events.slice(from).map(({ type }) => type);
  expect(since.filter((type) => type === "runner-enabled" || type === "runner-created")).toEqual([
    "runner-enabled",
    "runner-created",
    "runner-created",
  ]);
  expect(stage.breaches).toEqual([]);
});
