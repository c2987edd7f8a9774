import type { StepCounts } from "../../simulation/step-counts.ts";
import type { Breach } from "../../simulator/observer/observer.ts";
import type { Leftover } from "../orphans.ts";
import type { ChildEnd, Death } from "../processes/child.ts";
import { type Colours, clockText, spanText } from "./text.ts";

/** All that came of a run. */
export interface RunFacts {
  readonly scenario: string;
  readonly speed: number;
  /** Simulated time from the first second to the last. */
  readonly elapsedMs: number;
  readonly steps: StepCounts;
  /** Steps that should have been run by now and were not; undefined when the run was too short to tell. */
  readonly missedSteps: number | undefined;
  readonly mostRunners: number;
  readonly runnersLeft: number;
  readonly orphans: readonly Leftover[];
  /** Leftovers that the program still has time for. */
  readonly halfWay: number;
  readonly breaches: readonly Breach[];
  /** To Bitbucket. */
  readonly requests: number;
  readonly ends: readonly { readonly name: string; readonly end: ChildEnd }[];
  readonly deaths: readonly Death[];
  /** What went wrong inside the simulation itself. */
  readonly simulationErrors: readonly string[];
}

const HOUR_MS = 3_600_000;
const MOST_LISTED = 10;

/** Why a run is not good; empty when it is. */
export function failuresOf(facts: RunFacts): readonly string[] {
  const { breaches, orphans, missedSteps = 0, ends, deaths, simulationErrors } = facts;
  return [
    ...listed(breaches, ({ invariant, at, what }) => `invariant ${invariant} was broken at ${clockText(at)}: ${what}`),
    ...listed(orphans, ({ kind, name, since }) => `orphan since ${clockText(since)}: ${kind} ${name}`),
    ...(missedSteps > 0 ? [`${counted(missedSteps, "step")} had enough time but did not run to the end`] : []),
    ...listed(deaths, deathText),
    ...ends.flatMap(({ name, end }) => (end === "cleanly" ? [] : [`the ${name} ${BAD_ENDS[end]}`])),
    ...listed(simulationErrors, (message) => `the simulation itself failed: ${message}`),
  ];
}

function deathText({ name, how, lastLines }: Death): string {
  const said = lastLines.length === 0 ? "" : `; its last lines:\n${lastLines.map((line) => `    ${line}`).join("\n")}`;
  return `the ${name} ended by itself (${how}) and was started again${said}`;
}

const BAD_ENDS = {
  failed: "did not end with exit code 0 after SIGTERM",
  "too-late": "did not end within 10 s after SIGTERM and was killed",
} as const;

/** The run in a few lines, for people. */
export function summaryText(facts: RunFacts, colours: Colours): string {
  const { scenario, speed, elapsedMs, steps, mostRunners, runnersLeft, orphans, halfWay, breaches, requests } = facts;
  const { waits } = steps;
  const failures = failuresOf(facts);
  const row = (name: string, value: string, isBad = false) =>
    `  ${name.padEnd(15)}${isBad ? colours.red(value) : value}`;
  const all = steps.done + steps.aborted + steps.running + steps.queued;
  const perHour = elapsedMs > 0 ? Math.round((requests / elapsedMs) * HOUR_MS) : 0;
  return [
    colours.bold(`${scenario}: ${spanText(elapsedMs)} of simulated time at ${speed} × real time`),
    "",
    row("steps run", `${steps.done} of ${all}`, (facts.missedSteps ?? 0) > 0 || steps.aborted > 0),
    row(
      "waits",
      waits === undefined
        ? "none"
        : `p50 ${spanText(waits.p50Ms)}   p90 ${spanText(waits.p90Ms)}   max ${spanText(waits.maxMs)}`,
    ),
    row("most runners", `${mostRunners}, ${runnersLeft} left`),
    row("orphans", `${orphans.length}${halfWay > 0 ? ` (${halfWay} half-way)` : ""}`, orphans.length > 0),
    row("invariants", breaches.length === 0 ? "none broken" : `broken ${breaches.length} times`, breaches.length > 0),
    row("Bitbucket", `${counted(requests, "request")}, ${perHour} an hour`),
    ...facts.ends.map(({ name, end }) =>
      row(name, end === "cleanly" ? "ended cleanly" : BAD_ENDS[end], end !== "cleanly"),
    ),
    "",
    failures.length === 0
      ? colours.green("All promises kept.")
      : [colours.red("Not good:"), ...failures.map((failure) => `  - ${failure}`)].join("\n"),
    "",
  ].join("\n");
}

function listed<T>(items: readonly T[], text: (item: T) => string): readonly string[] {
  const more = items.length - MOST_LISTED;
  return [...items.slice(0, MOST_LISTED).map(text), ...(more > 0 ? [`and ${more} more like the last`] : [])];
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
