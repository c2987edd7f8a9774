import type { Stretch } from "../history.ts";
import type { GroupState } from "../processes/process-state.ts";
import { countRunners, type LogLine, phasesOf, SHOWN_PHASES, type ShownPhase, type Snapshot } from "../snapshot.ts";
import { type Colours, clockText, lineOf, type Paint, type Span, spanText, spread } from "./text.ts";

export interface ViewSize {
  readonly columns: number;
  readonly rows: number;
}

type Row = readonly Span[];

const WIDEST = 120;
const NAME_WIDTH = 18;
const MOST_GROUPS = 6;
const MOST_DECISIONS = 8;
/** Wide enough for two characters a runner, up to the usual ten. */
const BAR_WIDTH = 20;
const LEVELS = "▂▃▄▅▆▇█";
const LEGEND: readonly ShownPhase[] = ["busy", "idle", "starting", "draining"];

/** The sandbox at one moment, as lines that fill a terminal of that size and no more. */
export function drawView(snapshot: Snapshot, size: ViewSize, colours: Colours): readonly string[] {
  const columns = Math.min(size.columns, WIDEST);
  const top: Row[] = [
    header(snapshot, columns, colours),
    progress(snapshot, columns, colours),
    steps(snapshot, columns, colours),
    [],
    ...groups(snapshot, colours),
    [],
    ...chart(snapshot, columns, colours),
    [],
  ];
  const bottom: Row[] = [
    problems(snapshot, columns, colours),
    ...snapshot.hints.map((hint): Row => [[` ${hint}`, colours.dim]]),
  ];
  const freeRows = Math.max(0, size.rows - top.length - bottom.length - 3);
  const decisionRows = Math.min(MOST_DECISIONS, Math.ceil(freeRows / 2));
  const middle: Row[] = [
    [[" DECISIONS", colours.bold]],
    ...filled(decisions(snapshot, decisionRows, colours), decisionRows),
    [[" LOG", colours.bold]],
    ...filled(log(snapshot, freeRows - decisionRows, colours), freeRows - decisionRows),
    [],
  ];
  return [...top, ...middle, ...bottom].slice(0, size.rows).map((row) => lineOf(row, columns));
}

function header({ scenario, speed, now, elapsedMs, durationMs }: Snapshot, columns: number, colours: Colours): Row {
  const run = durationMs === undefined ? spanText(elapsedMs) : `${spanText(elapsedMs)} of ${spanText(durationMs)}`;
  return spread(
    [[" runners-autoscaler sandbox", colours.bold], "   ", [scenario, colours.cyan], ` × ${speed}`],
    [[clockText(now), colours.bold], ` UTC   ${run} `],
    columns,
  );
}

/** A rule whose bold part is how much of the run is over. */
function progress({ elapsedMs, durationMs }: Snapshot, columns: number, colours: Colours): Row {
  const width = columns - 2;
  const over = durationMs === undefined ? 0 : Math.round(width * Math.min(1, elapsedMs / durationMs));
  return [" ", ["━".repeat(over), colours.cyan], ["─".repeat(width - over), colours.dim]];
}

function steps({ steps: { queued, running, done, aborted, waits } }: Snapshot, columns: number, colours: Colours): Row {
  const number = (value: number, what: string, paint: Paint): Span[] => [
    [String(value).padStart(4), value > 0 ? paint : colours.dim],
    ` ${what}`,
  ];
  const waited: Span[] =
    waits === undefined
      ? [["no step has started yet ", colours.dim]]
      : [`waits p50 ${spanText(waits.p50Ms)}  p90 ${spanText(waits.p90Ms)}  max ${spanText(waits.maxMs)} `];
  return spread(
    [
      [" STEPS", colours.bold],
      ...number(queued, "queued", colours.yellow),
      ...number(running, "running", colours.green),
      ...number(done, "done", colours.bold),
      ...(aborted > 0 ? number(aborted, "aborted", colours.red) : []),
    ],
    waited,
    columns,
  );
}

function groups({ groups: all }: Snapshot, colours: Colours): readonly Row[] {
  if (all.length === 0) return [[[" RUNNERS", colours.bold], "  the controller starts"], []];
  const rows = all
    .slice(0, MOST_GROUPS)
    .map(
      (group): Row => [
        ` ${fixed(group.name, NAME_WIDTH)} `,
        ...bar(group, colours),
        `  ${String(countRunners([group])).padStart(3)} of ${group.numbers.min}–${group.numbers.max}`,
        ["  wants ", colours.dim],
        String(group.desired),
        [`  ${group.scope}`, colours.dim],
      ],
    );
  const more: Row[] = all.length > MOST_GROUPS ? [[[` and ${all.length - MOST_GROUPS} more groups`, colours.dim]]] : [];
  return [...rows, ...more, legend(all, colours)];
}

/** One block for each runner, one dot for each that there may be besides; scaled down where they do not fit. */
function bar(group: GroupState, colours: Colours): readonly Span[] {
  const most = Math.max(group.numbers.max, countRunners([group]), 1);
  const perRunner = most * 2 <= BAR_WIDTH ? 2 : BAR_WIDTH / most;
  const spans: Span[] = [];
  let drawn = 0;
  let runners = 0;
  for (const [phase, count] of phasesOf(group)) {
    runners += count;
    const width = Math.round(runners * perRunner) - drawn;
    drawn += width;
    spans.push([blocks(width, perRunner), paintOf(phase, colours)]);
  }
  const whole = Math.round(most * perRunner);
  const free = perRunner === 2 ? "· ".repeat((whole - drawn) / 2) : "·".repeat(whole - drawn);
  return [...spans, [free, colours.dim], " ".repeat(Math.max(0, BAR_WIDTH - whole))];
}

function blocks(width: number, perRunner: number): string {
  return perRunner === 2 ? "■ ".repeat(width / 2) : "■".repeat(width);
}

function legend(all: readonly GroupState[], colours: Colours): Row {
  const count = (phase: ShownPhase) => all.reduce((sum, { phases }) => sum + (phases[phase] ?? 0), 0);
  const shown = SHOWN_PHASES.filter((phase) => LEGEND.includes(phase) || count(phase) > 0);
  return [
    " ".repeat(NAME_WIDTH + 2),
    ...shown.flatMap((phase): readonly Span[] => [["■", paintOf(phase, colours)], ` ${count(phase)} ${phase}   `]),
  ];
}

function paintOf(phase: ShownPhase, colours: Colours): Paint {
  switch (phase) {
    case "busy":
      return colours.green;
    case "idle":
      return colours.white;
    case "starting":
      return colours.cyan;
    case "draining":
    case "condemned":
      return colours.magenta;
    case "unknown":
    case "held":
      return colours.yellow;
    case "lost":
    case "orphan":
      return colours.red;
  }
}

/** The whole of the run is as wide as the line: what is still to come stays empty. */
function chart({ history, groups: all }: Snapshot, columns: number, colours: Colours): readonly Row[] {
  const width = columns - 22;
  const { stretches } = history;
  const peak = (value: (stretch: Stretch) => number) => Math.max(0, ...stretches.map(value));
  const row = (name: string, value: (stretch: Stretch) => number, full: number, paint: Paint): Row => {
    const line = scaled(stretches.map(value), width / history.most)
      .map((each) => (each === 0 ? "▁" : (LEVELS[Math.ceil((each / Math.max(full, 1)) * LEVELS.length) - 1] ?? "█")))
      .join("");
    return [` ${fixed(name, 8)} `, [line.padEnd(width), paint], [`  peak ${peak(value)}`, colours.dim]];
  };
  const max = all.reduce((sum, { numbers }) => sum + numbers.max, 0);
  const ofQueue = ({ queued }: Stretch) => queued;
  const ofRunners = ({ runners }: Stretch) => runners;
  return [
    row("queue", ofQueue, peak(ofQueue), colours.yellow),
    row("runners", ofRunners, Math.max(max, peak(ofRunners)), colours.green),
  ];
}

/** The same course in `factor` times as many values: the most of those that fall together, or a value more than once. */
function scaled(values: readonly number[], factor: number): readonly number[] {
  return Array.from({ length: Math.ceil(values.length * factor) }, (_, i) => {
    const from = Math.floor(i / factor);
    return Math.max(...values.slice(from, Math.max(from + 1, Math.floor((i + 1) / factor))));
  });
}

function decisions({ groups: all }: Snapshot, most: number, colours: Colours): readonly Row[] {
  return all
    .flatMap((group) => group.decisions.map((decision) => ({ group, decision })))
    .sort((a, b) => (a.decision.since < b.decision.since ? 1 : -1))
    .slice(0, most)
    .map(({ group, decision: { since, numbers, desired, reason, did, limits } }): Row => {
      const { total, busy } = numbers.supply;
      const grows = desired > total ? colours.green : desired < total ? colours.magenta : colours.dim;
      const deeds = [
        did.created > 0 ? `${did.created} created` : "",
        did.undrained > 0 ? `${did.undrained} kept after all` : "",
        did.drained > 0 ? `${did.drained} draining` : "",
        did.removed > 0 ? `${did.removed} removed` : "",
        ...limits.map((limit) => `held back: ${limit}`),
        all.length > 1 ? `[${group.name}]` : "",
      ].filter((deed) => deed !== "");
      return [
        [` ${since.slice(11, 19)}`, colours.dim],
        [` ${String(total).padStart(3)} → ${String(desired).padEnd(3)}`, grows],
        ` ${fixed(reason, 22)} `,
        [fixed(`${busy} of ${total} busy`, 14), colours.dim],
        deeds.join(", "),
      ];
    });
}

function log({ log: lines }: Snapshot, most: number, colours: Colours): readonly Row[] {
  return (most <= 0 ? [] : lines.slice(-most)).map(
    ({ at, process, text }: LogLine): Row => [
      [` ${clockText(at)} ${fixed(process, 10)} `, colours.dim],
      [text, /^ERROR/.test(text) ? colours.red : /^WARN/.test(text) ? colours.yellow : (same) => same],
    ],
  );
}

function problems({ problems: all }: Snapshot, columns: number, colours: Colours): Row {
  const [worst] = all;
  const told: Span =
    worst === undefined
      ? [" no problems", colours.green]
      : [` ${all.length > 1 ? `${all.length} problems: ` : ""}${worst}`, colours.red];
  return spread([told], [["Ctrl-C ends ", colours.dim]], columns);
}

function filled(rows: readonly Row[], count: number): readonly Row[] {
  return [...rows, ...Array.from({ length: Math.max(0, count - rows.length) }, (): Row => [])];
}

/** Exactly so wide. */
function fixed(text: string, width: number): string {
  const characters = [...text.replace(/\p{Cc}/gu, " ")];
  return characters.length > width ? `${characters.slice(0, width - 1).join("")}…` : text.padEnd(width);
}
