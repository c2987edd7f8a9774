import { SCENARIO_SUMMARIES } from "../simulator/workload/scenario.ts";
import { monotonicMs, systemClock } from "../support/clock.ts";
import { openSandbox, type Sandbox, type SandboxOptions } from "./sandbox.ts";
import { HOST } from "./serving/serve-api.ts";
import { ChangeLines } from "./terminal/change-lines.ts";
import { plainLine } from "./terminal/plain-line.ts";
import { Screen } from "./terminal/screen.ts";
import { failuresOf, summaryText } from "./terminal/summary.ts";
import type { Colours } from "./terminal/text.ts";
import { spanText } from "./terminal/time-text.ts";
import { drawView, type ViewSize } from "./terminal/view.ts";
import { Watcher } from "./watcher.ts";

/** Where a sandbox is shown. */
export interface Stage {
  readonly out: (text: string) => void;
  /** A moving picture is drawn; undefined: a line is written for each change. */
  readonly terminal: { readonly size: () => ViewSize } | undefined;
  readonly colours: Colours;
}

/** Real time between two pictures. */
const FRAME_MS = 250;

/**
 * Runs a sandbox until its duration is over or `signal` aborts, and shows it.
 *
 * @returns what is wrong with the run; empty when nothing is.
 * @throws {PortTaken} when it cannot be started.
 */
export async function runSandbox(
  options: SandboxOptions,
  stage: Stage,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const sandbox = await openSandbox(options);
  try {
    stage.out(`${startText(sandbox, stage.colours)}\n`);
    const watcher = new Watcher(sandbox);
    await show(watcher, options, stage, signal);
    sandbox.stopWorkload();
    const facts = await watcher.conclude();
    stage.out(`\n${summaryText(facts, stage.colours)}`);
    return failuresOf(facts);
  } finally {
    await sandbox.processes.stop();
    await sandbox.close();
  }
}

async function show(
  watcher: Watcher,
  { durationMs }: SandboxOptions,
  stage: Stage,
  signal: AbortSignal,
): Promise<void> {
  const wall = systemClock();
  const endsAt = monotonicMs() + (durationMs ?? Number.POSITIVE_INFINITY);
  const { terminal } = stage;
  const screen = new Screen(stage.out);
  const lines = new ChangeLines(stage.out);
  try {
    while (!signal.aborted && monotonicMs() < endsAt) {
      const picture = watcher.look();
      if (terminal === undefined) lines.show(picture.now, plainLine(picture), picture.troubles);
      else screen.show(drawView(picture, terminal.size(), stage.colours));
      await wall.sleep(Math.min(FRAME_MS, Math.max(0, endsAt - monotonicMs())), signal).catch(() => undefined);
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
