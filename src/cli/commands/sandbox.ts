import { resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import picocolors from "picocolors";
import { readConfigFile } from "../../config/file.ts";
import { usableSettings } from "../../config/load.ts";
import type { Settings } from "../../domain/settings.ts";
import { runBesideCluster } from "../../sandbox/beside-cluster.ts";
import { exampleConfig } from "../../sandbox/embedded.ts";
import { runSandbox } from "../../sandbox/run.ts";
import { SCENARIO_NAMES, SCENARIO_SUMMARIES, type ScenarioName } from "../../simulator/workload/scenario.ts";
import { messageOf, UsageError } from "../../support/errors.ts";
import { readRegularFile } from "../../support/regular-file.ts";
import { parseTemplate } from "../../template/parse.ts";
import { exampleScope, renderExample } from "../../template/render-example.ts";
import type { Io } from "../io.ts";
import { VariableOption } from "../variable-option.ts";

interface Options {
  readonly scenario: ScenarioName;
  readonly speed?: number;
  readonly duration?: number;
  readonly seed: number;
  readonly port: number;
  readonly config?: string;
  readonly template?: string;
  readonly only?: "bitbucket";
  readonly kubeconfig?: string;
}

const DEFAULT_SPEED = 20;
const FASTEST = 60;
const DEFAULT_PORT = 8480;
const HIGHEST_FIRST_PORT = 65_532;
/** Of this process's environment, what its children get besides an installation's own: nothing that says where or as whom to work. */
const KEPT_VARIABLES = ["PATH", "HOME", "TMPDIR", "TZ", "LANG", "LOG_LEVEL", "DEBUG"];
const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** `sandbox`: simulated Bitbucket and Kubernetes, the unchanged controller and cleaner beside them, and a load of pipelines. */
export function sandboxCommand(io: Io): Command {
  const scenarios = SCENARIO_NAMES.map((name) => `  ${name.padEnd(8)}${SCENARIO_SUMMARIES[name]}`).join("\n");
  return new Command("sandbox")
    .description(
      "see it work without Bitbucket or a cluster: both simulated behind real HTTP, with controller and cleaner beside them",
    )
    .addOption(
      new VariableOption("RUNNERS_AUTOSCALER_SCENARIO", "--scenario <name>", "the load")
        .choices(SCENARIO_NAMES)
        .default("burst"),
    )
    .addOption(
      new VariableOption(
        "RUNNERS_AUTOSCALER_SPEED",
        "--speed <factor>",
        `how much faster than real time the simulation runs, 1 to ${FASTEST} (default: ${DEFAULT_SPEED})`,
      ).argParser(parseSpeed),
    )
    .addOption(
      new VariableOption(
        "RUNNERS_AUTOSCALER_DURATION",
        "--duration <time>",
        "real time, such as 90s, 5m or 1m30s, after which it ends with a summary (default: runs until interrupted)",
      ).argParser(parseDuration),
    )
    .addOption(
      new VariableOption(
        "RUNNERS_AUTOSCALER_SEED",
        "--seed <number>",
        "the seed of everything random: the load, delays and faults",
      )
        .default(1)
        .argParser(parseSeed),
    )
    .addOption(
      new VariableOption(
        "RUNNERS_AUTOSCALER_PORT",
        "--port <port>",
        "the port of Bitbucket; Kubernetes gets the next one, controller and cleaner the two after that; 0 picks free ones",
      )
        .default(DEFAULT_PORT)
        .argParser(parsePort),
    )
    .addOption(
      new VariableOption(
        "RUNNERS_AUTOSCALER_CONFIG",
        "--config <path>",
        "a configuration of your own (default: the documentation's example)",
      ),
    )
    .addOption(
      new VariableOption(
        "RUNNERS_AUTOSCALER_TEMPLATE",
        "--template <path>",
        "a job template of your own (default: the one that is shipped)",
      ),
    )
    .addOption(
      new VariableOption(
        "RUNNERS_AUTOSCALER_ONLY",
        "--only <part>",
        "Bitbucket alone, for a controller and a cleaner that work on a real cluster; at speed 1",
      ).choices(["bitbucket"]),
    )
    .addOption(
      new VariableOption(
        "KUBECONFIG",
        "--kubeconfig <path>",
        "with --only bitbucket: the cluster whose pods the simulated agents follow",
      ),
    )
    .addHelpText(
      "after",
      `\nScenarios:\n${scenarios}\n\nExit codes: 0 every promise was kept, 1 one was not (the summary says which), 2 bad usage or configuration.`,
    )
    .action(async (options: Options, command: Command) => {
      checkTogether(options, command);
      const settings = await settingsFrom(options.config);
      if (options.template !== undefined) await checkTemplate(options.template, settings);
      const failures =
        options.only === undefined ? await both(options, settings, io) : await alone(options, settings, io);
      for (const failure of options.only === undefined ? [] : failures) io.err(`error: ${failure}\n`);
      io.exitCode = failures.length === 0 ? 0 : 1;
    });
}

function checkTogether({ only, speed, kubeconfig }: Options, command: Command): void {
  if (only === undefined) {
    if (kubeconfig !== undefined && command.getOptionValueSource("kubeconfig") === "cli")
      command.error("error: --kubeconfig can only be used with --only bitbucket", { exitCode: 2 });
    return;
  }
  if (speed !== undefined && speed !== 1)
    command.error("error: a real cluster runs in real time: --only bitbucket needs --speed 1", { exitCode: 2 });
}

/** The user's, or the example's. @throws {ConfigurationUnusable} */
async function settingsFrom(path: string | undefined): Promise<Settings> {
  return path === undefined
    ? usableSettings({ content: Buffer.from(await exampleConfig()) }, "the example's configuration")
    : usableSettings(await readConfigFile(path, readRegularFile), path);
}

/** @throws {UsageError} what is wrong with the file or the template in it: better now than in a process's log. */
async function checkTemplate(path: string, { groups }: Settings): Promise<void> {
  let content: Uint8Array;
  try {
    content = await readRegularFile(path);
  } catch (cause) {
    const message = `The job template ${path} cannot be read: ${messageOf(cause)}`;
    throw new UsageError(message, "Name the job template's file with --template.", { cause });
  }
  const template = parseTemplate(new TextDecoder().decode(content), path);
  for (const group of groups) renderExample(template, group, exampleScope(group), { labels: {}, annotations: {} });
}

function both(options: Options, settings: Settings, io: Io): Promise<readonly string[]> {
  const keptEnvironment = Object.fromEntries(
    KEPT_VARIABLES.flatMap((name) => {
      const value = io.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
  const { terminalSize } = io;
  return runSandbox(
    {
      scenario: options.scenario,
      speed: options.speed ?? DEFAULT_SPEED,
      durationMs: options.duration,
      seed: options.seed,
      port: options.port,
      configPath: absolute(options.config),
      templatePath: absolute(options.template),
      settings,
      folder: resolve(),
      self: io.self,
      keptEnvironment,
    },
    {
      out: io.out,
      terminal: io.isTerminal && terminalSize !== undefined ? { size: terminalSize } : undefined,
      colours: picocolors.createColors(io.isTerminal && picocolors.isColorSupported),
    },
    io.signal,
  );
}

function alone(options: Options, settings: Settings, io: Io): Promise<readonly string[]> {
  return runBesideCluster(
    {
      scenario: options.scenario,
      durationMs: options.duration,
      seed: options.seed,
      port: options.port,
      settings,
      folder: resolve(),
      env: { ...io.env, ...(options.kubeconfig !== undefined && { KUBECONFIG: options.kubeconfig }) },
    },
    io.out,
    io.signal,
  );
}

function absolute(path: string | undefined): string | undefined {
  return path === undefined ? undefined : resolve(path);
}

function parseSpeed(text: string): number {
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || value < 1 || value > FASTEST)
    throw new InvalidArgumentError(`A speed is a number from 1 to ${FASTEST}.`);
  return value;
}

/** Milliseconds. */
function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)([smh])/g)];
  const ms = parts.reduce((sum, [, count, unit = ""]) => sum + Number(count) * (UNITS_MS[unit] ?? 0), 0);
  if (parts.map(([part]) => part).join("") !== text || ms <= 0)
    throw new InvalidArgumentError("A duration is a number with its unit, such as 90s, 5m or 1m30s.");
  return ms;
}

function parseSeed(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 2 ** 31)
    throw new InvalidArgumentError("A seed is a whole number up to 2147483648.");
  return value;
}

function parsePort(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > HIGHEST_FIRST_PORT)
    throw new InvalidArgumentError(
      `A first port is a whole number from 0 to ${HIGHEST_FIRST_PORT}: four are used, from it on.`,
    );
  return value;
}
