import type { Job } from "kubernetes-types/batch/v1.d.ts";
import type { Container } from "kubernetes-types/core/v1.d.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findKubeAssets, type KubeAssets } from "../support/kube-assets.ts";
import type { Background } from "./background.ts";
import { Installed, type Planes, runnerOf } from "./installed.ts";

const assets = findKubeAssets(process.env);
const INSTALLATION = "runners-autoscaler/installation";
const LOST_UUID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";

/** At most two runners, and a threshold that one busy runner does not pass: the one that the original had disabled is not called back. */
const configure = (config: string) =>
  config.replace("max: 10", "max: 2").replace("scale_up_threshold: 0.5", "scale_up_threshold: 1");

describe.skipIf(assets === undefined)("the guide's installation, on a real control plane", () => {
  let installed: Installed;
  let controller: Background;
  let cleaner: Background;
  /** Of the original: registered, its Job running, then disabled. */
  let original: string;
  let ours: string;

  beforeAll(async () => {
    installed = await Installed.open(assets as KubeAssets, { configure, load: configure });
    original = await installed.addOriginalRunner();
    await installed.bitbucket.disable(original);
  });
  afterAll(() => installed.close());

  test("--dry-run tells what it would do, and changes nothing in either world", async () => {
    const before = await installed.planes();

    const { code, out, err } = await installed.run("controller", ["--once", "--dry-run"]);

    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/^INFO: Decided desired=1 reason=below-min .* wouldCreate=1 /m);
    expectSame(await installed.planes(), before);
  });

  test("--once ends with exit code 1 when something fails, and names the permission that is missing", async () => {
    const before = await installed.planes();
    const KUBECONFIG = await installed.plane.serviceAccountKubeconfig("default", "default");

    const { code, out } = await installed.run("controller", ["--once"], { KUBECONFIG });

    expect(code).toBe(1);
    expect(out).toMatch(
      /^ERROR: Identifying this installation failed component=cluster error=.*cannot get resource .*namespaces.* remedy=.*verbs:/m,
    );
    expectSame(await installed.planes(), before);
  });

  test("--once does one pass with exit code 0: adopts the original's runner, by its Job alone, and makes one up to min", async () => {
    const { code, out, err } = await installed.run("controller", ["--once"]);

    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).not.toMatch(/^ERROR/m);
    expect(out).toMatch(/^INFO: Runner created on Bitbucket workspace: woodpeckernew/m);
    ours = /^✔ Successfully setup runner UUID (\{[0-9a-f-]{36}\})/m.exec(out)?.[1] ?? "";
    const { jobs, secrets } = await installed.planes();
    expect(jobs.map(runnerOf).sort()).toEqual([ours, original].sort());
    const adopted = jobs.find((job) => runnerOf(job) === original)?.metadata;
    expect(adopted?.labels).toHaveProperty([INSTALLATION]);
    expect(adopted?.annotations?.["runners-autoscaler/drain"]).toContain('"state":"draining"');
    const foreign = secrets.find((secret) => runnerOf(secret) === original)?.metadata;
    expect(foreign?.ownerReferences).toBeUndefined();
    expect(foreign?.labels).not.toHaveProperty([INSTALLATION]);
  });

  test("the runner's pod runs, its agent connects and takes steps; its Secret is owned by its Job", async () => {
    controller = installed.start("controller");
    await installed.bitbucket.process.said(/^\d\d:\d\d:\d\d queue 0 · 0 running · 3 done/m, 60_000);

    const { registrations, jobs, secrets, pods } = await installed.planes();
    expect(registrations.find(({ uuid }) => uuid === ours)?.state.status).toBe("ONLINE");
    const job = jobs.find((each) => runnerOf(each) === ours)?.metadata;
    expect(secrets.find((each) => runnerOf(each) === ours)?.metadata?.ownerReferences).toEqual([
      expect.objectContaining({ kind: "Job", name: job?.name, uid: job?.uid }),
    ]);
    expect(pods.filter((pod) => runnerOf(pod) === ours).map(({ status }) => status?.phase)).toEqual(["Running"]);
  }, 70_000);

  test("the cleaner removes what is left of a runner whose registration is gone", async () => {
    const { jobs } = await installed.planes();
    await installed.kubectl(["create", "-f", "-"], leftoverLike(jobs.find((job) => runnerOf(job) === ours) as Job));
    const lost = ({ jobs: all }: Planes) => all.find((job) => runnerOf(job) === `{${LOST_UUID}}`);
    const marks = (job: Job | undefined) => [job?.metadata?.labels, job?.metadata?.annotations];
    const before = lost(await installed.planes());

    const dry = await installed.run("cleaner", ["--once", "--dry-run"]);
    expect(dry.code).toBe(0);
    expect(marks(lost(await installed.planes()))).toEqual(marks(before));

    cleaner = installed.start("cleaner");
    const { registrations, jobs: left } = await installed.until(
      // A registration that is not shown may only not be shown yet: the second pass, a minute later, decides.
      "removed",
      (planes) => lost(planes) === undefined,
      100_000,
    );
    expect(registrations.map(({ uuid }) => uuid)).toContain(ours);
    expect(left.map(runnerOf)).toContain(ours);
  }, 110_000);

  test("drains what the original had disabled, and removes it with the Secret that nobody owned", async () => {
    const { jobs, secrets, registrations } = await installed.until(
      "drained",
      (planes) => ![...planes.jobs, ...planes.secrets, ...planes.pods].some((each) => runnerOf(each) === original),
      60_000,
    );
    expect(registrations.map(({ state }) => state.status)).toEqual(["ONLINE"]);
    expect(jobs).toHaveLength(1);
    expect(secrets).toHaveLength(1);
  }, 70_000);

  test("no request was forbidden", async () => {
    for (const process of [controller, cleaner]) {
      const [, port] = await process.said(/^INFO: Started .*\bport=(\d+)/m);
      const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      expect(metrics).toMatch(/^runners_autoscaler_requests_total\{.*\bstatus="200".*\} \d+$/m);
      expect(metrics).not.toMatch(/^runners_autoscaler_requests_total\{.*\bstatus="40[13]"/m);
      expect(process.output).not.toMatch(/forbidden|^ERROR/im);
    }
  });

  test("SIGTERM ends both within 10 s, with exit code 0, and min runners go on", async () => {
    for (const { code, afterMs } of await Promise.all([controller.stop(), cleaner.stop()])) {
      expect(code).toBe(0);
      expect(afterMs).toBeLessThan(10_000);
    }

    const { registrations, jobs, secrets, pods } = await installed.planes();
    const uuids = registrations.map(({ uuid }) => uuid);
    expect(uuids).toEqual([ours]);
    for (const objects of [jobs, secrets, pods]) expect(objects.map(runnerOf)).toEqual(uuids);
  });

  test("no secret was told", async () => {
    const { secrets } = await installed.planes();
    const told = controller.output + cleaner.output + installed.bitbucket.process.output;
    const values = secrets.flatMap(({ data = {} }) => [data.oauth_client_secret ?? ""]);
    expect(values).toHaveLength(1);
    for (const encoded of [...values, Buffer.from(installed.bitbucket.clientSecret).toString("base64")]) {
      expect(encoded.length).toBeGreaterThan(20);
      expect(told.includes(encoded)).toBe(false);
      expect(told.includes(Buffer.from(encoded, "base64").toString())).toBe(false);
    }
  });

  test("no step was interrupted, and no other promise of Bitbucket's side was broken", async () => {
    expect((await installed.bitbucket.process.stop()).code).toBe(0);
    expect(installed.bitbucket.process.output).toContain("steps run 3 of 3");
  });
});

/** The same objects, unchanged, and the same registrations. Pods and the Jobs' own status live on. */
function expectSame(after: Planes, before: Planes): void {
  const shape = ({ registrations, jobs, secrets }: Planes) => ({
    registrations: registrations.map(({ uuid, name, state }) => [uuid, name, state.status]),
    jobs: jobs.map(({ metadata }) => [metadata?.name, metadata?.labels, metadata?.annotations]),
    secrets: secrets.map(({ metadata }) => [metadata?.name, metadata?.resourceVersion]),
  });
  expect(shape(after)).toEqual(shape(before));
}

/** The Job of a runner that no node took, and whose registration somebody deleted meanwhile. */
function startingLost(container: Container): Container {
  const env = (container.env ?? []).map((each) =>
    each.name === "RUNNER_UUID" ? { ...each, value: `{${LOST_UUID}}` } : each,
  );
  return { ...container, env };
}

function leftoverLike({ apiVersion, kind, metadata, spec }: Job): object {
  const { containers = [], ...podSpec } = spec?.template.spec ?? {};
  const labels = (own: Readonly<Record<string, string>> = {}) =>
    Object.fromEntries(
      Object.entries({ ...own, runner_uuid: LOST_UUID }).filter(([name]) => !/controller-uid|job-name/.test(name)),
    );
  const template = {
    metadata: { labels: labels(spec?.template.metadata?.labels) },
    // A Job is believed when its name, its label and what it starts agree.
    spec: { ...podSpec, containers: containers.map(startingLost), nodeSelector: { "kubernetes.io/arch": "s390x" } },
  };
  return {
    apiVersion,
    kind,
    metadata: {
      name: `runner-${LOST_UUID}`,
      namespace: metadata?.namespace,
      labels: labels(metadata?.labels),
      annotations: metadata?.annotations,
    },
    spec: { template },
  };
}
