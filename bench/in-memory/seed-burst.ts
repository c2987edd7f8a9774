import { passTimeUntil } from "../../src/simulation/run.ts";
import { median, quantile } from "../../src/simulation/statistics.ts";
import { stepWaitsMs } from "../../src/simulation/step-counts.ts";
import { SEED_SETTINGS } from "../../test/support/seed.ts";
import type { Measurement } from "../row.ts";
import { verdict } from "../row.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS, secondsText } from "../units.ts";
import { InMemoryInstallation } from "./installation.ts";

const SEEDS = Array.from({ length: 9 }, (_, i) => i + 1);
const STEPS = 20;
const STEP_MS = 10 * MINUTE_MS;
const MAX = 10;
const WARM_UP_MS = 10 * MINUTE_MS;
const WAITS_TARGET_MS = 800 * SECOND_MS;
const PASS_MS = 15 * SECOND_MS;

/** From a Job to its runner ONLINE: until its pod is bound, its first container starts, its agent connects. */
const ONLINE_AFTER_MS = 22 * SECOND_MS;
const TOLERANCE_MS = 100;
const POD_SETUP_MS = 2 * SECOND_MS;
const POD_BOUND_MS = 70;
const CONNECT_MS = ONLINE_AFTER_MS - POD_SETUP_MS - POD_BOUND_MS;

interface Course {
  readonly waitsMs: readonly number[];
  readonly mostRunners: number;
  /** From the steps to the tenth Job, and to ten runners ONLINE. */
  readonly allJobsMs: number;
  /** Longest time from the runner that made the busy share exceed the threshold to the decision to grow. */
  readonly slowestRoundMs: number;
}

/** The example's file word for word, one warm runner, 20 ten-minute steps at once: from the busy ratio alone. */
export const seedBurst: Measurement = {
  name: "seed-burst",
  about: `the example's burst of 20 steps, ${SEEDS.length} simulated runs`,
  async measure() {
    const courses: Course[] = [];
    for (const seed of SEEDS) courses.push(await play(seed));
    const p90 = median(courses.map(({ waitsMs }) => quantile(waitsMs, 0.9)));
    const most = Math.max(...courses.map(({ mostRunners }) => mostRunners));
    const allJobsMs = courses.map((course) => course.allJobsMs);
    const slowestRoundMs = courses.map((course) => course.slowestRoundMs);
    const worstRoundMs = quantile(slowestRoundMs, 1);
    return [
      {
        what: "the example's file, 20 ten-minute steps at once: waits p90, most runners",
        original: "2,424 s, 8 (measured)",
        target: "≤ 800 s from the busy ratio alone, 10",
        measured: `${secondsText(p90)}, ${most}`,
        verdict: verdict(p90 <= WAITS_TARGET_MS && most <= MAX),
        figures: { waitsP90Ms: courses.map(({ waitsMs }) => quantile(waitsMs, 0.9)), mostRunners: most },
      },
      {
        what: "the same: a growth round after the busy share rose",
        original: "",
        target: "≤ 1 pass (15 s)",
        measured: `longest ${secondsText(worstRoundMs)}`,
        verdict: verdict(worstRoundMs <= PASS_MS),
        figures: { slowestRoundMs },
      },
      {
        what: "the same: 1 → 10 runners, steps queued → last Job",
        original: "51 min",
        target: "",
        measured: secondsText(median(allJobsMs)),
        verdict: "no target",
        figures: { allJobsMs },
      },
    ];
  },
};

async function play(seed: number): Promise<Course> {
  const installation = new InMemoryInstallation({
    seed,
    settings: SEED_SETTINGS,
    behaviour: { connectDelayMs: [CONNECT_MS, CONNECT_MS] },
    times: { podSetupMs: [POD_SETUP_MS, POD_SETUP_MS], imagePullMs: [0, 0] },
  });
  try {
    const { bitbucket, clock, usage } = installation;
    await clock.advance(WARM_UP_MS);
    let mostRunners = 0;
    bitbucket.onEvent(() => {
      mostRunners = Math.max(mostRunners, bitbucket.glance().length);
    });
    const queuedAt = clock.now();
    installation.queue(STEPS, STEP_MS);
    const steps = bitbucket.pipelines.steps();
    const isSo = () => steps.every(({ finishedAt }) => finishedAt !== undefined);
    await passTimeUntil(clock, { what: "all steps run", isSo, withinMs: HOUR_MS });
    checkOnline(installation);
    return {
      waitsMs: stepWaitsMs(steps),
      mostRunners,
      allJobsMs: (usage.jobsMadeAt[MAX - 1] ?? Number.NaN) - queuedAt,
      slowestRoundMs: Math.max(...roundsOf(installation, queuedAt)),
    };
  } finally {
    installation.close();
  }
}

/** The figure is worth nothing when runners come ONLINE at another time than it was measured with for the original. */
function checkOnline({ bitbucket, usage }: InMemoryInstallation): void {
  const onlineAt = bitbucket.events.filter(({ type }) => type === "runner-online").map(({ at }) => at);
  const isOff = (at: number, i: number) =>
    !(Math.abs(at - (usage.jobsMadeAt[i] ?? Number.NaN) - ONLINE_AFTER_MS) <= TOLERANCE_MS);
  if (onlineAt.length === 0 || onlineAt.some(isOff)) throw new Error("a runner was not ONLINE 22 s after its Job");
}

/** For each decision to grow, how long before it the busy share had exceeded the threshold. */
function roundsOf({ bitbucket, decisions }: InMemoryInstallation, from: number): readonly number[] {
  const threshold = SEED_SETTINGS.groups[0]?.parameters.scaleUpThreshold ?? Number.NaN;
  const startedAt = bitbucket.events.filter(({ type }) => type === "step-started").map(({ at }) => at);
  const growths = decisions.filter(({ at, reason }) => at >= from && reason === "busy-above-threshold");
  return growths.map(({ at }, round) => {
    const before = growths[round - 1] ?? { at: from, desired: 1 };
    const exceeding = startedAt[Math.floor(threshold * before.desired)] ?? Number.NaN;
    return at - Math.max(exceeding, before.at);
  });
}
