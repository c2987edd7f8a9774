import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Settings } from "../domain/settings.ts";
import { connectKubernetes } from "../kubernetes/connection.ts";
import { countSteps } from "../simulation/step-counts.ts";
import { planWorkload, runWorkloads } from "../simulation/workload.ts";
import type { BitbucketWorld } from "../simulator/bitbucket/world.ts";
import { Observer } from "../simulator/observer/observer.ts";
import type { ScenarioName } from "../simulator/workload/scenario.ts";
import { buildScenario } from "../simulator/workload/scenarios.ts";
import { anchoredClock, monotonicMs, systemClock } from "../support/clock.ts";
import { follow } from "../support/deadline.ts";
import { messageOf } from "../support/errors.ts";
import type { Log, LogFields } from "../support/log.ts";
import { seededRandom, systemRandom } from "../support/random.ts";
import { FOLDER } from "./files.ts";
import { bitbucketAddress } from "./processes/child-environment.ts";
import { serveApi } from "./serving/serve-api.ts";
import { simulateBitbucket } from "./simulated/bitbucket.ts";
import { runPodAgents } from "./simulated/pod-agents.ts";
import { ChangeLines } from "./terminal/change-lines.ts";
import { spanText } from "./terminal/text.ts";

export interface BesideClusterOptions {
  readonly scenario: ScenarioName;
  /** Real time; undefined: until it is told to end. */
  readonly durationMs: number | undefined;
  readonly seed: number;
  /** 0 picks a free one. */
  readonly port: number;
  readonly settings: Settings;
  /** `.sandbox/` is made in it. */
  readonly folder: string;
  /** How to find the cluster; KUBECONFIG above all. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

const LOOK_EVERY_MS = 500;

/**
 * The simulated Bitbucket alone, in real time, with agents that follow the pods of a real cluster; prints the environment that points
 * controller and cleaner at it.
 *
 * @returns what is wrong with the run; empty when nothing is.
 * @throws {PortTaken} @throws {KubernetesError} when the cluster cannot be found, or refuses.
 */
export async function runBesideCluster(
  options: BesideClusterOptions,
  out: (text: string) => void,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { scenario, durationMs, seed, port, settings, env } = options;
  const anchor = { epochMs: systemClock().now(), monotonicMs: monotonicMs(), speed: 1 };
  const clock = anchoredClock(anchor);
  const random = systemRandom();
  const { faults } = buildScenario(scenario, { labels: [], random: seededRandom(seed) });
  const simulated = simulateBitbucket(settings, { clock, seed, random, faults });
  const observer = new Observer({ bitbucket: simulated.world, groups: [] });
  const lines = new ChangeLines(out);
  const log = lineLog(lines, () => clock.now());
  const cluster = await connectKubernetes({ env, clock, random, log });
  const ending = new AbortController();
  const release = follow(signal, ending);
  const failures: string[] = [];
  const failed = (error: unknown) => {
    if (ending.signal.aborted) return;
    failures.push(messageOf(error));
    ending.abort();
  };
  const served = await serveApi(simulated.send, anchor, port, failed);
  try {
    const secretFile = await writeSecret(options.folder, simulated.clientSecret.reveal());
    const consumer = { BITBUCKET_OAUTH_CLIENT_ID: simulated.clientId, BITBUCKET_OAUTH_CLIENT_SECRET_FILE: secretFile };
    out(startText(cluster.describe, { ...bitbucketAddress(served.url), ...consumer }));
    const deps = { client: cluster.client, agents: simulated.world, clock, random, log };
    const following = runPodAgents(deps, ending.signal).catch(failed);
    const plan = planWorkload(scenario, durationMs);
    const working = runWorkloads(
      { scenario, plan, places: simulated.places, seed },
      { world: simulated.world, clock },
      ending.signal,
    );
    const endsAt = monotonicMs() + (durationMs ?? Number.POSITIVE_INFINITY);
    while (!ending.signal.aborted && monotonicMs() < endsAt) {
      lines.show(
        clock.now(),
        statusLine(simulated.world),
        observer.breaches.map(({ what }) => what),
      );
      await clock.pause(LOOK_EVERY_MS, ending.signal);
    }
    ending.abort();
    await Promise.all([following, working]);
  } finally {
    release();
    simulated.world.close();
    await Promise.all([served.close(), cluster.close()]);
  }
  out(endText(simulated.world));
  return [...failures, ...observer.breaches.map(({ invariant, what }) => `invariant ${invariant} was broken: ${what}`)];
}

/** In a file, so that it is not seen on the terminal. */
async function writeSecret(folder: string, secret: string): Promise<string> {
  const path = join(folder, FOLDER, "client-secret");
  await mkdir(join(folder, FOLDER), { recursive: true });
  await writeFile(path, secret, { mode: 0o600 });
  return path;
}

/** `queue 3 · 1 running · 2 done · runners 4 (3 online 1 unregistered)` */
function statusLine(world: BitbucketWorld): string {
  const { queued, running, done, aborted } = countSteps(world.pipelines);
  const statuses = new Map<string, number>();
  for (const { status } of world.glance()) statuses.set(status, (statuses.get(status) ?? 0) + 1);
  const runners = [...statuses].map(([status, count]) => `${count} ${status.toLowerCase()}`);
  return [
    `queue ${queued}`,
    `${running} running`,
    `${done} done`,
    ...(aborted > 0 ? [`${aborted} aborted`] : []),
    `runners ${world.glance().length}${runners.length > 0 ? ` (${runners.join(" ")})` : ""}`,
  ].join(" · ");
}

function startText(cluster: string, environment: Readonly<Record<string, string>>): string {
  return [
    `A simulated Bitbucket in real time; its agents follow the pods of ${cluster}.`,
    "",
    "Start controller and cleaner with this environment:",
    ...Object.entries(environment).map(([name, value]) => `  export ${name}=${value}`),
    "",
    "",
  ].join("\n");
}

function endText(world: BitbucketWorld): string {
  const { done, aborted, running, queued, waits } = countSteps(world.pipelines);
  const waited =
    waits === undefined
      ? ""
      : `, waits p50 ${spanText(waits.p50Ms)}, p90 ${spanText(waits.p90Ms)}, max ${spanText(waits.maxMs)}`;
  return `\nsteps run ${done} of ${done + aborted + running + queued}${waited}\n`;
}

/** Warnings and errors as lines between the others. */
function lineLog(lines: ChangeLines, now: () => number): Log {
  const say = (message: string, fields: LogFields = {}) => {
    const told = Object.entries(fields).map(([name, value]) => `${name}=${messageOf(value)}`);
    lines.say(now(), [message, ...told].join(" "));
  };
  const nothing = () => undefined;
  return { debug: nothing, info: nothing, warn: say, error: say };
}
