import { median, quantile } from "../../src/simulation/statistics.ts";
import type { Measurement, Row } from "../row.ts";
import { verdict } from "../row.ts";
import { millisecondsText, secondsText } from "../units.ts";
import { type Delays, type HttpInstallation, openHttpInstallation } from "./installation.ts";

const PATIENCE_MS = 60_000;
const P50_TARGET_MS = 300;
const P99_TARGET_MS = 1_000;
const RATE_TARGET = 10;
const BITBUCKET_WRITES_TARGET = 1;
const KUBERNETES_WRITES_TARGET = 3;
/** Of one run: the rest of the runners come in a burst. */
const WARM_RUNNERS = 1;
/** What replies of the real services take, roughly, from within a cloud's region. */
const REMOTE: Delays = { bitbucketMs: 200, kubernetesMs: 20 };

interface Burst {
  /** From the decision to each runner's Job. */
  readonly jobMs: readonly number[];
  /** From the decision to the last runner's Secret. */
  readonly completeMs: number;
  readonly bitbucketReads: number;
  readonly bitbucketWrites: number;
  readonly kubernetesReads: number;
  readonly kubernetesWrites: number;
}

/** Many runners at once, because `min` is raised in the configuration file: what the controller needs from decision to runner. */
export const bursts: readonly Measurement[] = [
  { name: "burst-10", about: "a burst to 10 runners, 4 runs", measure: async () => rowsOf(10, await play(10, 4)) },
  { name: "burst-100", about: "a burst to 100 runners, 4 runs", measure: async () => rowsOf(100, await play(100, 4)) },
  {
    name: "burst-remote",
    about: "a burst to 100 runners with slow replies, 2 runs",
    measure: async () => remoteRows(await play(100, 2, REMOTE)),
  },
];

async function play(max: number, runs: number, delays?: Delays): Promise<readonly Burst[]> {
  const played: Burst[] = [];
  for (let run = 1; run <= runs; run += 1) {
    const installation = await openHttpInstallation({ groups: 1, min: WARM_RUNNERS, max }, run, delays);
    try {
      played.push(await burst(installation, max));
    } finally {
      await installation.close();
    }
  }
  return played;
}

async function burst(installation: HttpInstallation, max: number): Promise<Burst> {
  const { bitbucket, kubernetes } = installation.requests;
  const controller = installation.start("controller");
  const runners = (count: number) => () => kubernetes.creations("secrets").length === count;
  await installation.until("the first runner", runners(WARM_RUNNERS), PATIENCE_MS);
  await installation.configure({ groups: 1, min: max, max });
  await installation.until(`${max} runners`, runners(max), PATIENCE_MS);

  let decidedAt = Number.NaN;
  const isTold = async () => {
    decidedAt = (await controller.decisions()).find(({ desired }) => desired === max)?.at ?? Number.NaN;
    return !Number.isNaN(decidedAt);
  };
  await installation.until("the decision's pass over", isTold, PATIENCE_MS);
  const jobMs = kubernetes
    .creations("jobs")
    .slice(WARM_RUNNERS)
    .map(({ doneAt }) => doneAt - decidedAt);
  const lastAt = kubernetes.creations("secrets").at(-1)?.doneAt ?? Number.NaN;
  return {
    jobMs,
    completeMs: lastAt - decidedAt,
    bitbucketReads: bitbucket.count("reads", decidedAt, lastAt) / jobMs.length,
    bitbucketWrites: bitbucket.count("writes", decidedAt, lastAt) / jobMs.length,
    kubernetesReads: kubernetes.count("reads", decidedAt, lastAt) / jobMs.length,
    kubernetesWrites: kubernetes.count("writes", decidedAt, lastAt) / jobMs.length,
  };
}

function rowsOf(max: number, played: readonly Burst[]): readonly Row[] {
  const p50 = median(played.map(({ jobMs }) => quantile(jobMs, 0.5)));
  const p99 = median(played.map(({ jobMs }) => quantile(jobMs, 0.99)));
  const rate = median(played.map(rateOf));
  const each = (part: "bitbucketReads" | "bitbucketWrites" | "kubernetesReads" | "kubernetesWrites") =>
    median(played.map((run) => run[part]));
  const title = `burst to ${max}`;
  return [
    {
      what: `${title}: decision → Job created`,
      original: "5 to 10 s each, in series",
      target: "p50 ≤ 0.3 s, p99 ≤ 1 s",
      measured: `p50 ${secondsText(p50)}, p99 ${secondsText(p99)}`,
      verdict: verdict(p50 <= P50_TARGET_MS && p99 <= P99_TARGET_MS),
      figures: { p50Ms: p50, p99Ms: p99 },
    },
    {
      what: `${title}: runners created`,
      original: "0.1 to 0.2 a second",
      target: "≥ 10 a second",
      measured: `${Math.round(rate)} a second`,
      verdict: verdict(rate >= RATE_TARGET),
      figures: { runnersPerSecond: played.map(rateOf) },
    },
    {
      what: `${title}: writes a created runner`,
      original: "",
      target: "1 Bitbucket, ≤ 3 Kubernetes",
      measured: `${rounded(each("bitbucketWrites"))} Bitbucket, ${rounded(each("kubernetesWrites"))} Kubernetes`,
      verdict: verdict(
        each("bitbucketWrites") <= BITBUCKET_WRITES_TARGET && each("kubernetesWrites") <= KUBERNETES_WRITES_TARGET,
      ),
      figures: { bitbucketWrites: each("bitbucketWrites"), kubernetesWrites: each("kubernetesWrites") },
    },
    {
      what: `${title}: reads a created runner`,
      original: "",
      target: "",
      measured: `${rounded(each("bitbucketReads"))} Bitbucket, ${rounded(each("kubernetesReads"))} Kubernetes`,
      verdict: "no target",
      figures: { bitbucketReads: each("bitbucketReads"), kubernetesReads: each("kubernetesReads") },
    },
  ];
}

function remoteRows(played: readonly Burst[]): readonly Row[] {
  const p50 = median(played.map(({ jobMs }) => quantile(jobMs, 0.5)));
  const p99 = median(played.map(({ jobMs }) => quantile(jobMs, 0.99)));
  const rate = median(played.map(rateOf));
  return [
    {
      what: `burst to 100, replies after ${millisecondsText(REMOTE.bitbucketMs)} (Bitbucket) and ${millisecondsText(REMOTE.kubernetesMs)} (Kubernetes)`,
      original: "",
      target: "",
      measured: `p50 ${secondsText(p50)}, p99 ${secondsText(p99)}, ${Math.round(rate)} a second`,
      verdict: "no target",
      figures: { p50Ms: p50, p99Ms: p99, runnersPerSecond: played.map(rateOf) },
    },
  ];
}

function rateOf({ jobMs, completeMs }: Burst): number {
  return (jobMs.length / completeMs) * 1_000;
}

/** Two decimals at most. */
function rounded(value: number): string {
  return String(Math.round(value * 100) / 100);
}
