import { setMaxListeners } from "node:events";
import type { BudgetView, Credentials } from "../bitbucket/port.ts";
import { cleaner } from "../cleaner/cleaner.ts";
import { controller } from "../controller/controller.ts";
import { readCredentials } from "../credentials/read-credentials.ts";
import { BUDGET_SHARES, type ProcessName } from "../domain/settings.ts";
import { logLevel } from "../observability/log/log-level.ts";
import { createObservability, type Observability } from "../observability/observability.ts";
import type { Dependencies } from "../reconcile/dependencies.ts";
import { Ledgers } from "../reconcile/ledgers.ts";
import type { Reconciler } from "../reconcile/reconciler.ts";
import { type Listening, listen } from "../server/listen.ts";
import { createServer } from "../server/server.ts";
import { type Clock, systemClock } from "../support/clock.ts";
import { randomName, systemRandom } from "../support/random.ts";
import { readRegularFile } from "../support/regular-file.ts";
import { anchorFrom, confirmAnchor, processClock } from "./clock.ts";
import { type Connected, connect, findServers } from "./connect.ts";
import type { Environment, Surroundings } from "./environment.ts";
import { Gathering } from "./gathering.ts";
import { identify } from "./identify.ts";
import { settingsSource } from "./settings.ts";
import { templateSource } from "./template.ts";
import { VERSION } from "./version.ts";

/** What both processes can be told. */
export interface ProcessOptions {
  readonly config: string;
  readonly template: string;
  readonly once: boolean;
  readonly dryRun: boolean;
  readonly httpPort: number;
  readonly logFormat: "text" | "json";
  readonly controlNamespace?: string;
  readonly installation?: string;
}

/** What each process does in every scope. */
const RECONCILERS: Readonly<Record<ProcessName, (deps: Dependencies) => Reconciler>> = { controller, cleaner };

const DEFAULT_CONTROL_NAMESPACE = "bitbucket-runner-control-plane";
/** Real time between the wish to stop and giving up what is under way: within a pod's grace. */
const SHUTDOWN_GRACE_MS = 8_000;

/**
 * Composes one process from flags, environment and files, and runs it until it is told to stop (or, with `--once`, for one pass).
 *
 * @returns the exit code: 0 done; 1 when a pass of `--once` failed; 2 when configuration or credentials are wrong, which was told.
 * @throws {UsageError} when, perhaps besides, something else that it was given is wrong. @throws errors with a remedy when it cannot start.
 */
export async function runProcess(name: ProcessName, options: ProcessOptions, io: Surroundings): Promise<0 | 1 | 2> {
  const { env, signal: stopping } = io;
  const wrong = new Gathering();
  const anchor = await wrong.take(() => anchorFrom(env));
  const level = await wrong.take(() => logLevel(env));
  const clock = processClock(anchor);
  const random = systemRandom();
  const observability = createObservability({
    process: name,
    version: VERSION,
    clock,
    write: io.out,
    format: options.logFormat,
    level: level ?? "info",
  });
  const { emit, log, redactor } = observability;

  const settings = settingsSource(options.config, readRegularFile, emit);
  const credentials = await credentialsFrom(env, observability);
  const isConfigured = await settings.read().then(
    () => true,
    () => false,
  );
  const servers = await findServers({ env, clock, random, log, emit }, wrong);
  if (credentials === undefined || !isConfigured || servers === undefined || !wrong.isEmpty) {
    await servers?.kubernetes.close();
    wrong.end();
    return 2;
  }

  const budget = {
    share: BUDGET_SHARES[name],
    get requestsPerHour() {
      return settings.inForce?.constants.apiRequestsPerHour ?? 0;
    },
  };
  const connected = connect({ servers, clock, random, credentials, budget, log, redactor, emit });
  const grace = graceAfter(stopping);
  let server: Listening | undefined;
  try {
    if (anchor !== undefined) await confirmAnchor(anchor, Object.values(connected.servers), env);
    server = await serve({ name, port: options.httpPort, observability, connected, clock });
    const { port } = server;
    const { bitbucket, cluster, describeCluster, namespace } = connected;
    emit({
      type: "process-started",
      process: name,
      version: VERSION,
      port,
      cluster: describeCluster,
      bitbucket: connected.servers.bitbucket,
    });

    const controlNamespace = options.controlNamespace ?? namespace ?? DEFAULT_CONTROL_NAMESPACE;
    const installation = await identify({
      cluster,
      clock,
      random,
      emit,
      stopping,
      installation: options.installation,
      controlNamespace,
      patience: options.once ? "none" : "endless",
    });
    if (installation === undefined) return stopping.aborted ? 0 : 1;
    const reconciler = RECONCILERS[name]({
      bitbucket,
      cluster,
      clock,
      random,
      emit,
      installation,
      ledgers: new Ledgers({ cluster, installation, controlNamespace, signal: grace.over }),
      identity: randomName(random, 8),
      stopping,
      settings: () => settings.read(),
      template: templateSource(options.template, readRegularFile),
      dryRun: options.dryRun,
      signal: grace.over,
    });
    if (options.once) return (await reconciler.once()) === 0 ? 0 : 1;
    await reconciler.run();
    return 0;
  } finally {
    await server?.close();
    await connected.close();
    grace.end();
    emit({ type: "process-stopped", process: name });
  }
}

/** Says what is wrong with them; undefined when they cannot be used. */
async function credentialsFrom(env: Environment, { log, redactor }: Observability): Promise<Credentials | undefined> {
  const { credentials, problems } = await readCredentials(env, readRegularFile);
  for (const { severity, variable, message, remedy } of problems) {
    const fields = { ...(variable !== "" && { variable }), problem: message, remedy };
    if (severity === "error") log.error("Credentials are wrong", fields);
    else log.warn("Credentials may be wrong", fields);
  }
  if (credentials !== undefined)
    redactor.rememberAlways(credentials.kind === "oauth-consumer" ? credentials.clientSecret : credentials.token);
  return credentials;
}

interface Serving {
  readonly name: ProcessName;
  readonly port: number;
  readonly observability: Observability;
  readonly connected: Connected;
  readonly clock: Clock;
}

/** Probes, metrics and the API. */
function serve({ name, port, observability, connected, clock }: Serving): Promise<Listening> {
  const { state, health, registry, redactor, log } = observability;
  const now = () => clock.now();
  const budget = () => onWallClock(connected.bitbucket.budget(), clock);
  observability.showBudget(budget);
  const process = { name, version: VERSION, startedAt: now() };
  const app = createServer({ process, state, health, budget, now, registry, redactor, log });
  return listen(app, { port, host: "0.0.0.0", wall: systemClock() });
}

/** The budget as people see it: a pause ends at a time of day, while the program counts it on the monotonic clock. */
function onWallClock(budget: BudgetView, clock: Clock): BudgetView {
  const { pausedUntil } = budget;
  return { ...budget, pausedUntil: pausedUntil === 0 ? 0 : clock.now() + pausedUntil - clock.monotonic() };
}

/** How long a process that was told to stop may still work. */
interface Grace {
  /** Aborts when that is over. */
  readonly over: AbortSignal;
  /** Nothing is under way any more. */
  end(): void;
}

function graceAfter(stopping: AbortSignal): Grace {
  const over = new AbortController();
  const ended = new AbortController();
  // Every wait listens to it, and takes its listener away again.
  setMaxListeners(0, over.signal);
  const wait = async () => {
    await systemClock().pause(SHUTDOWN_GRACE_MS, ended.signal);
    if (!ended.signal.aborted)
      over.abort(new Error(`not done ${SHUTDOWN_GRACE_MS / 1_000} s after it was told to stop`));
  };
  stopping.addEventListener("abort", () => void wait(), { once: true });
  return { over: over.signal, end: () => ended.abort() };
}
