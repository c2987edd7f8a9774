import { SCENARIO_SUMMARIES } from "../simulator/workload/scenario.ts";
import { monotonicMs, systemClock } from "../support/clock.ts";
import { openSandbox, type Sandbox, type SandboxOptions } from "./sandbox.ts";
import { HOST } from "./serving/serve-api.ts";
import { ChangeLines } from "./terminal/change-lines.ts";
import { plainLine } from "./terminal/plain-line.ts";
import { Screen } from "./terminal/screen.ts";
import { failuresOf, summaryText } from "./terminal/summary.ts";
import { type Colours, spanText } from "./terminal/text.ts";
import { drawView, type ViewSize } from "./terminal/view.ts";
import { Watcher } from "./watcher.ts";

/** Where a sandbox is shown. */
export interface Display {
  readonly out: (text: string) => void;
  /** A terminal that is redrawn all the time; undefined: a line is written for each change. */
  readonly terminal: { readonly size: () => ViewSize } | undefined;
  readonly colours: Colours;
}

/** Real time between two snapshots. */
const FRAME_MS = 250;

/**
 * Runs a sandbox until its duration is over or `signal` aborts, and shows it.
 *
 * @returns what is wrong with the run; empty when nothing is.
 * @throws {PortTaken} when it cannot be started.
 */
export async function runSandbox(
  options: SandboxOptions,
  display: Display,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const sandbox = await openSandbox(options);
  try {
    display.out(`${startText(sandbox, display.colours)}\n`);
    const watcher = new Watcher(sandbox);
    await show(watcher, options, display, signal);
    sandbox.stopWorkload();
    const facts = await watcher.conclude();
    display.out(`\n${summaryText(facts, display.colours)}`);
    return failuresOf(facts);
  } finally {
    await sandbox.processes.stop();
    await sandbox.close();
  }
}

async function show(
  watcher: Watcher,
  { durationMs }: SandboxOptions,
  display: Display,
  signal: AbortSignal,
): Promise<void> {
  const wall = systemClock();
  const endsAt = monotonicMs() + (durationMs ?? Number.POSITIVE_INFINITY);
  const { terminal } = display;
  const screen = new Screen(display.out);
  const lines = new ChangeLines(display.out);
  try {
    while (!signal.aborted && monotonicMs() < endsAt) {
      const snapshot = watcher.look();
      if (terminal === undefined) lines.show(snapshot.now, plainLine(snapshot), snapshot.problems);
      else screen.show(drawView(snapshot, terminal.size(), display.colours));
      await wall.pause(Math.min(FRAME_MS, Math.max(0, endsAt - monotonicMs())), signal);
    }
  } finally {
    screen.close();
  }
}

function startText({ options, ports, files }: Sandbox, colours: Colours): string {
  const { scenario, speed, durationMs } = options;
  const url = (port: number) => `http://${HOST}:${port}`;
  const row = (name: string, value: string) => `  ${name.padEnd(11)} ${value}`;
  const until = durationMs === undefined ? "until Ctrl-C" : `for ${spanText(durationMs)}`;
  return [
    colours.bold("A simulated Bitbucket and Kubernetes, and the unchanged controller and cleaner."),
    "",
    row("Bitbucket", url(ports.bitbucket)),
    row("Kubernetes", url(ports.kubernetes)),
    row("controller", `${url(ports.controller)}, log in ${files.folder}/controller.log`),
    row("cleaner", `${url(ports.cleaner)}, log in ${files.folder}/cleaner.log`),
    row("scenario", `${scenario}: ${SCENARIO_SUMMARIES[scenario]}`),
    row("time", `${speed} × real time, ${until}`),
    "",
    "Look inside, from this folder:",
    `  ${colours.cyan(`kubectl --kubeconfig ${files.folder}/kubeconfig get jobs,pods,secrets -A`)}`,
    "",
  ].join("\n");
}
