import { setMaxListeners } from "node:events";
import { readFile } from "node:fs/promises";
import type { Credentials } from "../bitbucket/port.ts";
import { configSource } from "../config/reload.ts";
import { readCredentials } from "../credentials/read-credentials.ts";
import { installationId } from "../domain/mark.ts";
import type { Settings } from "../domain/settings.ts";
import type { ProcessReporter } from "../observability/reporter.ts";
import type { Worlds } from "../reconcile/dependencies.ts";
import type { ScopeLoops } from "../reconcile/reconciler.ts";
import { type Listening, listen } from "../server/listen.ts";
import { createServer } from "../server/server.ts";
import { BackOff } from "../support/back-off.ts";
import { type Clock, systemClock } from "../support/clock.ts";
import { type Random, systemRandom } from "../support/random.ts";
import { anchorFrom, clockOf, confirmAnchor } from "./clock.ts";
import { type ConnectedPlanes, connectPlanes } from "./connect.ts";
import { createObservability, type Observability } from "./observability.ts";
import { readSettingsNow } from "./settings.ts";
import type { ExitCode, Surroundings } from "./surroundings.ts";
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

/** One of the two processes: its name, its part of the request budget, and what it does in each scope. */
export interface Role {
  readonly name: "controller" | "cleaner";
  /** Of the requests that the credential may spend. */
  readonly budgetShare: number;
  readonly loops: (parts: ProcessParts) => ScopeLoops;
}

/** What a role is given. */
interface ProcessParts {
  readonly worlds: Worlds;
  readonly settings: () => Promise<Settings>;
  readonly reporter: ProcessReporter;
  readonly dryRun: boolean;
}

const DEFAULT_CONTROL_NAMESPACE = "bitbucket-runner-control-plane";
/** Real time between the wish to stop and giving up what is under way: within a pod's grace. */
const SHUTDOWN_GRACE_MS = 8_000;
const LONGEST_START_WAIT_MS = 60_000;

/**
 * Composes one process from the environment and runs it until it is told to stop (or, with `--once`, for one pass).
 *
 * @returns 2 when configuration or credentials are wrong, 1 when a pass of `--once` failed.
 * @throws errors with a `remedy` when it cannot be composed, `io.exitCode` being 2 when the environment is at fault.
 */
export async function runProcess(role: Role, options: ProcessOptions, io: Surroundings): Promise<ExitCode> {
  io.exitCode = 2;
  const anchor = anchorFrom(io.env);
  const clock = clockOf(anchor);
  const random = systemRandom();
  const observability = createObservability(role.name, options.logFormat, clock, io);
  const { log, reporter } = observability;

  const source = configSource(options.config, readFile);
  const readNow = () => readSettingsNow(source, log, (state) => reporter.configuration(state));
  const credentials = await credentialsFrom(io, observability);
  let current = await readNow().catch(() => undefined);
  if (credentials === undefined || current === undefined) return 2;

  const budget = {
    share: role.budgetShare,
    get requestsPerHour() {
      return current?.constants.apiRequestsPerHour ?? 0;
    },
  };
  const planes = await connectPlanes({ io, clock, random, credentials, observability, budget });
  io.exitCode = 1;
  const ended = new AbortController();
  const giveUp = givingUpAfter(SHUTDOWN_GRACE_MS, io.signal, ended.signal);
  let server: Listening | undefined;
  try {
    if (anchor !== undefined) await confirmAnchor(anchor, Object.values(planes.servers), io.env);
    server = await serve(role.name, options.httpPort, observability, planes, clock);
    log.info("Started", {
      process: role.name,
      version: VERSION,
      port: server.port,
      cluster: planes.describeCluster,
      bitbucket: planes.servers.bitbucket,
    });

    const installation = await identify(planes, options, observability, clock, random, io.signal);
    if (installation === undefined) return io.signal.aborted ? 0 : 1;
    const loops = role.loops({
      worlds: { bitbucket: planes.bitbucket, cluster: planes.cluster, clock, random, log, installation },
      settings: async () => {
        current = await readNow();
        return current;
      },
      reporter,
      dryRun: options.dryRun,
    });
    if (options.once) return (await loops.once(giveUp)) === 0 ? 0 : 1;
    await loops.run(io.signal, giveUp);
    return 0;
  } finally {
    await server?.close();
    await planes.close();
    ended.abort();
    log.info("Stopped", { process: role.name });
  }
}

/** Says what is wrong with them; undefined when they cannot be used. */
async function credentialsFrom(io: Surroundings, { log, redactor }: Observability): Promise<Credentials | undefined> {
  const { credentials, problems } = await readCredentials(io.env, readFile);
  for (const { severity, variable, message, remedy } of problems) {
    const fields = { ...(variable !== "" && { variable }), problem: message, remedy };
    if (severity === "error") log.error("Credentials are wrong", fields);
    else log.warn("Credentials may be wrong", fields);
  }
  if (credentials !== undefined)
    redactor.rememberAlways(credentials.kind === "oauth-consumer" ? credentials.clientSecret : credentials.token);
  return credentials;
}

function serve(
  name: Role["name"],
  port: number,
  observability: Observability,
  planes: ConnectedPlanes,
  clock: Clock,
): Promise<Listening> {
  const { board, health, registry, redactor, log, metrics } = observability;
  const now = () => clock.now();
  const budget = () => planes.bitbucket.budget();
  metrics.budget(budget);
  const app = createServer({
    process: { name, version: VERSION, startedAt: now() },
    board,
    health,
    budget,
    now,
    registry,
    redactor,
    log,
  });
  return listen(app, { port, host: "0.0.0.0", wall: systemClock() });
}

/** The installation's mark. The cluster is asked until it answers, or once with `--once`; undefined when it did not. */
async function identify(
  planes: ConnectedPlanes,
  options: ProcessOptions,
  { log, health }: Observability,
  clock: Clock,
  random: Random,
  stopping: AbortSignal,
): Promise<string | undefined> {
  const controlNamespace = options.controlNamespace ?? planes.namespace ?? DEFAULT_CONTROL_NAMESPACE;
  const backOff = new BackOff(clock, random, LONGEST_START_WAIT_MS);
  for (;;) {
    try {
      const installation =
        options.installation ??
        installationId(await planes.cluster.namespaceUid("kube-system", stopping), controlNamespace);
      log.info("This installation", { installation, controlNamespace });
      return installation;
    } catch (error) {
      if (stopping.aborted) return undefined;
      log.error("Failed", { error });
      if (options.once) return undefined;
    }
    health.turned(LONGEST_START_WAIT_MS);
    await clock.pause(backOff.fail(1_000), stopping);
    if (stopping.aborted) return undefined;
  }
}

/** Aborts `graceMs` of real time after `stopping` does, unless all has `ended` by then. */
function givingUpAfter(graceMs: number, stopping: AbortSignal, ended: AbortSignal): AbortSignal {
  const giveUp = new AbortController();
  setMaxListeners(0, giveUp.signal);
  const start = async () => {
    await systemClock().sleep(graceMs, ended);
    giveUp.abort(new Error(`not done ${graceMs / 1_000} s after it was told to stop`));
  };
  stopping.addEventListener("abort", () => void start().catch(() => undefined), { once: true });
  return giveUp.signal;
}
