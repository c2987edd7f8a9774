import { readFile } from "node:fs/promises";
import { Registry } from "prom-client";
import type { Bitbucket } from "../bitbucket/port.ts";
import { restBitbucket } from "../bitbucket/rest.ts";
import { readCredentials } from "../config/credentials.ts";
import { configSource } from "../config/source.ts";
import { installationId } from "../domain/mark.ts";
import type { Settings } from "../domain/settings.ts";
import { proxyEnvironment } from "../http/proxy.ts";
import { undiciSend } from "../http/undici.ts";
import { restCluster } from "../kubernetes/cluster.ts";
import { connectKubernetes } from "../kubernetes/connection.ts";
import type { ScopeLoops } from "../lifecycle/scope-loops.ts";
import type { Worlds } from "../lifecycle/worlds.ts";
import { createBoard } from "../observability/board.ts";
import { createHealth } from "../observability/health.ts";
import { logLevel } from "../observability/log-level.ts";
import { createLog } from "../observability/logger.ts";
import { createMetrics } from "../observability/metrics.ts";
import { createRedactor, type Redactor } from "../observability/redaction.ts";
import { createReporter, type ProcessReporter } from "../observability/reporter.ts";
import { listen } from "../server/listen.ts";
import { createServer } from "../server/server.ts";
import { BackOff } from "../support/back-off.ts";
import { monotonicMs, systemClock } from "../support/clock.ts";
import { systemRandom } from "../support/random.ts";
import { flavourFrom } from "./flavour.ts";
import type { ExitCode, Io } from "./io.ts";
import type { ProcessOptions } from "./process-options.ts";
import { readSettingsNow } from "./settings-reader.ts";
import { VERSION } from "./version.ts";
import { anchorFrom, clockOf, confirmAnchor } from "./world-clock.ts";

/** One of the two processes: its name, its part of the request budget, and what it does in each scope. */
export interface Role {
  readonly name: "controller" | "cleaner";
  /** Of the requests that the credential may spend. */
  readonly budgetShare: number;
  readonly loops: (parts: ProcessParts) => ScopeLoops;
}

/** What a role is given. */
export interface ProcessParts {
  readonly worlds: Worlds;
  readonly settings: () => Promise<Settings>;
  readonly reporter: ProcessReporter;
  readonly dryRun: boolean;
}

const DEFAULT_CONTROL_NAMESPACE = "bitbucket-runner-control-plane";
const DEFAULT_API_URL = "https://api.bitbucket.org";
/** Of real time, between SIGTERM and giving up what is under way: within a pod's grace. */
const SHUTDOWN_GRACE_MS = 8_000;
const CONNECTIONS = {
  connectTimeoutMs: 10_000,
  headersTimeoutMs: 30_000,
  bodyTimeoutMs: 30_000,
  connections: 16,
} as const;

/**
 * Composes one process from the environment and runs it until it is told to stop (or, with `--once`, for one pass).
 *
 * @throws errors with a `remedy` when it cannot be composed; the command line says them and exits with 1 or 2.
 */
export async function runProcess(role: Role, options: ProcessOptions, io: Io): Promise<ExitCode> {
  const wall = systemClock();
  const random = systemRandom();
  const anchor = anchorFrom(io.env);
  const clock = clockOf(anchor);
  const now = () => clock.now();
  const redactor = createRedactor();
  const log = createLog({ format: options.logFormat, level: logLevel(io.env), write: io.out, now, redactor });

  const source = configSource(options.config, readFile);
  const { credentials, problems } = await readCredentials(io.env, readFile);
  const board = createBoard(now);
  const health = createHealth(now, monotonicMs);
  const registry = new Registry();
  const metrics = createMetrics({ registry, now, process: role.name, version: VERSION });
  const reporter = createReporter({ board, metrics, health });
  const settings = () => readSettingsNow(source, log, (state) => reporter.configuration(state));

  for (const { severity, variable, message, remedy } of problems) {
    const fields = { variable, problem: message, remedy };
    if (severity === "error") log.error("Credentials are wrong", fields);
    else log.warn("Credentials may be wrong", fields);
  }
  let current = await settings().catch(() => undefined);
  if (credentials === undefined || current === undefined) return 2;

  const kubernetes = await connectKubernetes({
    env: io.env,
    clock,
    random,
    log,
    onRequest: ({ verb, resource, status, durationMs }) =>
      reporter.request("kubernetes", { method: verb, route: resource, status, durationMs }),
  });
  const apiUrl = io.env.BITBUCKET_API_URL || DEFAULT_API_URL;
  const http = undiciSend({ ...CONNECTIONS, proxy: proxyEnvironment(io.env) });
  const stopping = io.signal;
  const hard = new AbortController();
  try {
    if (anchor !== undefined) await confirmAnchor(anchor, [apiUrl, kubernetes.server], io.env);
    const bitbucket = rememberingSecrets(
      restBitbucket({
        send: http.send,
        clock,
        random,
        credentials,
        apiUrl,
        tokenUrl: io.env.BITBUCKET_OAUTH_TOKEN_URL || undefined,
        flavour: flavourFrom(io.env),
        budget: {
          get requestsPerHour() {
            return current?.constants.apiRequestsPerHour ?? 0;
          },
          share: role.budgetShare,
        },
        log,
        onRequest: ({ status, ...outcome }) =>
          reporter.request("bitbucket", { ...outcome, status: status === "error" ? undefined : status }),
      }),
      redactor,
    );
    metrics.budget(() => bitbucket.budget());
    const processFacts = { name: role.name, version: VERSION, startedAt: now() };
    const app = createServer({
      process: processFacts,
      board,
      health,
      budget: () => bitbucket.budget(),
      now,
      registry,
      redactor,
      log,
    });
    const server = await listen(app, { port: options.httpPort, host: "0.0.0.0", wall });
    log.info("Started", {
      process: role.name,
      version: VERSION,
      port: server.port,
      kubernetes: kubernetes.describe,
      bitbucket: apiUrl,
    });
    stopping.addEventListener(
      "abort",
      () =>
        void wall.sleep(SHUTDOWN_GRACE_MS, hard.signal).then(
          () => hard.abort(),
          () => undefined,
        ),
      { once: true },
    );

    const cluster = restCluster(kubernetes.client);
    const controlNamespace = options.controlNamespace ?? kubernetes.namespace ?? DEFAULT_CONTROL_NAMESPACE;
    const identify = async () => installationId(await cluster.namespaceUid("kube-system", stopping), controlNamespace);
    const installation = options.installation ?? (await untilDone(identify));
    if (installation === undefined) return 1;
    log.info("This installation", { installation, controlNamespace });

    const loops = role.loops({
      worlds: { bitbucket, cluster, clock, random, log, installation },
      settings: async () => (current = await settings()),
      reporter,
      dryRun: options.dryRun,
    });
    const failures = options.once
      ? await loops.once(hard.signal)
      : await loops.run(stopping, hard.signal).then(() => 0);
    log.info("Stopped", { process: role.name });
    await server.close();
    return failures === 0 ? 0 : 1;
  } finally {
    hard.abort();
    await Promise.all([kubernetes.close(), http.close()]);
  }

  /** Tries until it works or the process is told to stop; with `--once`, once. */
  async function untilDone<T>(task: () => Promise<T>): Promise<T | undefined> {
    const backOff = new BackOff(clock, random, 60_000);
    while (!stopping.aborted) {
      try {
        return await task();
      } catch (error) {
        if (stopping.aborted) return undefined;
        log.error("Failed", { error });
        if (options.once) return undefined;
        health.turned(60_000);
        await clock.sleep(backOff.fail(1_000), stopping).catch(() => undefined);
      }
    }
    return undefined;
  }
}

/** Every runner's secret that comes in is masked from then on in whatever goes out. */
function rememberingSecrets(bitbucket: Bitbucket, redactor: Redactor): Bitbucket {
  return {
    ...bitbucket,
    async register(scope, runner, signal) {
      const registration = await bitbucket.register(scope, runner, signal);
      if (registration.kind === "registered") redactor.remember(registration.oauthClientSecret);
      return registration;
    },
  };
}
