import { describe, expect, test } from "vitest";
import { aRunnerJob, aRunnerSecret, KubernetesTestWorld } from "../../../../../test/support/kubernetes-world.ts";
import { humanDuration } from "../duration.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe("humanDuration", () => {
  test.each([
    [-2_000, "<invalid>"],
    [-500, "0s"],
    [0, "0s"],
    [119_999, "119s"],
    [2 * MINUTE, "2m"],
    [9 * MINUTE + 59 * SECOND, "9m59s"],
    [10 * MINUTE + 30 * SECOND, "10m"],
    [179 * MINUTE, "179m"],
    [3 * HOUR, "3h"],
    [7 * HOUR + 5 * MINUTE, "7h5m"],
    [8 * HOUR + 5 * MINUTE, "8h"],
    [47 * HOUR, "47h"],
    [2 * DAY + HOUR, "2d1h"],
    [8 * DAY + HOUR, "8d"],
    [2 * 365 * DAY + DAY, "2y1d"],
    [9 * 365 * DAY, "9y"],
  ])("%i ms is %s", (ms, text) => {
    expect(humanDuration(ms)).toBe(text);
  });
});

interface Table {
  readonly columnDefinitions: readonly { readonly name: string; readonly priority: number }[];
  readonly rows: readonly { readonly cells: readonly unknown[] }[];
}

/** What kubectl would print: the columns that are not for `-o wide`, by their names. */
async function printed(cluster: KubernetesTestWorld, path: string): Promise<readonly Record<string, unknown>[]> {
  const accept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
  const { body } = await cluster.call("GET", path, undefined, { accept });
  const { columnDefinitions, rows } = body as unknown as Table;
  return rows.map(({ cells }) =>
    Object.fromEntries(
      columnDefinitions.flatMap(({ name, priority }, i) => (priority === 0 ? [[name, cells[i]]] : [])),
    ),
  );
}

const PODS = "/api/v1/namespaces/default/pods";
const JOBS = "/apis/batch/v1/namespaces/default/jobs";

describe("tables", () => {
  test("of a running runner, with ages in the world's time", async () => {
    const cluster = new KubernetesTestWorld();
    cluster.createRunner();
    await cluster.clock.advance(5 * MINUTE);
    const name = cluster.pod().metadata.name;
    expect(await printed(cluster, PODS)).toEqual([
      { Name: name, Ready: "2/2", Status: "Running", Restarts: "0", Age: "5m" },
    ]);
    expect(await printed(cluster, JOBS)).toEqual([
      { Name: "runner", Status: "Running", Completions: "0/1", Duration: "5m", Age: "5m" },
    ]);
    expect(await printed(cluster, "/api/v1/namespaces/default/secrets")).toEqual([
      { Name: "runner-credentials", Type: "Opaque", Data: 2, Age: "5m" },
    ]);
    expect((await printed(cluster, "/api/v1/nodes"))[0]).toEqual({
      Name: "node-1",
      Status: "Ready",
      Roles: "<none>",
      Age: "5m",
      Version: "v1.34.4",
    });
    expect((await printed(cluster, "/api/v1/namespaces"))[0]).toEqual({ Name: "default", Status: "Active", Age: "5m" });
    expect((await printed(cluster, "/api/v1/namespaces/default/events"))[0]).toMatchObject({
      Type: "Normal",
      Object: expect.stringMatching(/^(pod|job)\/runner/) as string,
    });
  });

  test("of a pod through its life", async () => {
    const cluster = new KubernetesTestWorld({ times: { imagePullMs: [3_000, 3_000], podSetupMs: [500, 500] } });
    cluster.world.create("jobs", "default", aRunnerJob("runner"));
    const status = async () =>
      (await printed(cluster, PODS)).map(({ Ready, Status, Restarts }) => [Ready, Status, Restarts].join(" "));
    await cluster.clock.advance(1_000);
    expect(await status()).toEqual(["0/2 ContainerCreating 0"]);
    await cluster.clock.advance(3_000);
    expect(await status()).toEqual(["0/2 CreateContainerConfigError 0"]);
    cluster.world.create("secrets", "default", aRunnerSecret("runner"));
    await cluster.clock.advance(20_000);
    expect(await status()).toEqual(["2/2 Running 0"]);
    cluster.agents[0]?.exit(1);
    await cluster.clock.advance(5_000);
    expect(await status()).toEqual(["2/2 Running 1 (5s ago)"]);
    cluster.agents[1]?.exit(1);
    await cluster.clock.advance(5_000);
    expect(await status()).toEqual(["1/2 CrashLoopBackOff 1 (5s ago)"]);
    cluster.world.delete("pods", "default", cluster.pod().metadata.name);
    expect(await status()).toEqual(["1/2 Terminating 1 (5s ago)"]);
  });

  test("of a Job that is going", async () => {
    const cluster = new KubernetesTestWorld();
    cluster.createRunner();
    await cluster.clock.advance(MINUTE);
    cluster.world.delete("jobs", "default", "runner", { propagationPolicy: "Foreground" });
    expect((await printed(cluster, JOBS))[0]).toMatchObject({ Status: "Terminating" });
  });

  test("includeObject says how much of each object goes along", async () => {
    const cluster = new KubernetesTestWorld();
    cluster.createRunner();
    const accept = "application/json;as=Table;v=v1;g=meta.k8s.io";
    const kinds = async (include: string) => {
      const { body } = await cluster.call("GET", `${JOBS}?includeObject=${include}`, undefined, { accept });
      return (body.rows as readonly { object: { kind?: string } | null }[]).map(({ object }) => object?.kind);
    };
    expect(await kinds("Metadata")).toEqual(["PartialObjectMetadata"]);
    expect(await kinds("Object")).toEqual(["Job"]);
    expect(await kinds("None")).toEqual([undefined]);
  });
});
