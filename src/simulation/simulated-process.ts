import { restBitbucket } from "../bitbucket/rest.ts";
import { cleaner } from "../cleaner/cleaner.ts";
import { controller } from "../controller/controller.ts";
import type { Emit, ProcessEvent } from "../domain/events.ts";
import { BUDGET_SHARES, type ProcessName, type Settings } from "../domain/settings.ts";
import type { Send } from "../http/transport.ts";
import { kubeClient } from "../kubernetes/client/client.ts";
import { restCluster } from "../kubernetes/cluster.ts";
import { eventLog } from "../observability/log/event-log.ts";
import { createLog } from "../observability/log/logger.ts";
import { Ledgers } from "../reconcile/ledgers.ts";
import { bitbucketHttp } from "../simulator/bitbucket/api/http.ts";
import type { BitbucketWorld } from "../simulator/bitbucket/world.ts";
import { type ChooseFault, LAG_HEADER, withFaults } from "../simulator/faults.ts";
import type { KubernetesWorld } from "../simulator/kubernetes/world.ts";
import type { Clock } from "../support/clock.ts";
import { silentLog } from "../support/log.ts";
import { type Random, randomBetween, randomName } from "../support/random.ts";
import { Secret } from "../support/secret.ts";
import type { JobTemplate } from "../template/port.ts";
import { CONSUMER, CONTROL_NAMESPACE, installationOf } from "./identity.ts";
import { ProcessClock } from "./process-clock.ts";

/** What goes wrong with a process's requests, by the server that they go to. */
export interface Faults {
  readonly bitbucket?: ChooseFault;
  readonly kubernetes?: ChooseFault;
}

/** A request that leaves a process. */
type Sending = Pick<Serving, "process" | "method" | "url" | "sentAt">;

/** A request of a process that has reached a server, which is about to act on it. */
interface Serving {
  /** Which process sent it: no two have the same. */
  readonly process: number;
  readonly plane: keyof Faults;
  readonly method: string;
  readonly url: string;
  /** When it left the process, and when the server acted on it: world time. */
  readonly sentAt: number;
  readonly at: number;
  /** What a read shows was so at this time. */
  readonly asOf: number;
}

/** What a process in a simulation is made with. */
export interface ProcessOptions {
  readonly name: ProcessName;
  readonly bitbucket: BitbucketWorld;
  readonly cluster: KubernetesWorld;
  readonly clock: Clock;
  readonly random: Random;
  /** The configuration as it is now. */
  readonly settings: () => Settings;
  /** The job template as it is now. */
  readonly template: () => JobTemplate;
  readonly faults: Faults;
  /** Gets every line that the process logs; default: it logs nothing. */
  readonly write?: ((line: string) => void) | undefined;
  /** Hears what the process tells. */
  readonly hear?: Emit | undefined;
  /** The mark of its installation; default: that of the program in this cluster. */
  readonly installation?: string;
  /** Decide and tell, change nothing. */
  readonly dryRun?: boolean;
  /** How far its wall clock is ahead of the world's. */
  readonly aheadMs?: number;
  /** Tells it from the others. */
  readonly number?: number;
  /** Hears of each of its requests as it leaves, whether or not it reaches a server. */
  readonly onSending?: ((sending: Sending) => void) | undefined;
  /** Hears of those that were answered, however. */
  readonly onAnswered?: ((sending: Sending) => void) | undefined;
  /** Hears of each of its requests that reaches a server. */
  readonly onServing?: ((serving: Serving) => void) | undefined;
}

/** Between the wish to stop and giving up what is under way, as in src/process/run-process.ts. */
const SHUTDOWN_GRACE_MS = 8_000;
const LATENCY_MS = [20, 250] as const;

/**
 * The unchanged controller or cleaner, with its real adapters, over the simulated servers' HTTP in memory. It can die between any two
 * calls: from then on nothing of it reaches a server.
 */
export class SimulatedProcess {
  readonly ended: Promise<void>;
  /** Its own: may be set, and frozen. */
  readonly clock: ProcessClock;
  readonly #world: Clock;
  readonly #stopping = new AbortController();
  readonly #givingUp = new AbortController();
  #dead = false;

  constructor(options: ProcessOptions) {
    const { clock: world, random } = options;
    const clock = new ProcessClock(world, options.aheadMs);
    this.clock = clock;
    this.#world = world;
    const latencyMs = () => randomBetween(random, LATENCY_MS);
    const alive =
      (send: Send): Send =>
      async (request) => {
        if (this.#dead) return new Promise(() => undefined);
        await clock.resumed();
        const sentAt = world.now();
        const sending = { process: options.number ?? 0, method: request.method, url: request.url, sentAt };
        options.onSending?.(sending);
        const headers = { ...request.headers, [SENT_AT_HEADER]: String(sentAt) };
        const reply = await send({ ...request, headers });
        await clock.resumed();
        if (!this.#dead) options.onAnswered?.(sending);
        return this.#dead ? new Promise(() => undefined) : reply;
      };
    const freeze = (ms: number) => clock.freeze(ms);
    const through = (plane: keyof Faults, send: Send) => {
      const choose = options.faults[plane];
      return alive(
        withFaults(told(send, plane, options), { clock: world, latencyMs, freeze, ...(choose && { choose }) }),
      );
    };

    const { write } = options;
    const log =
      write === undefined
        ? silentLog
        : createLog({ format: "json", level: "debug", write, now: () => clock.now(), redactor: PLAIN });
    const bitbucket = restBitbucket({
      send: through("bitbucket", bitbucketHttp(options.bitbucket)),
      clock,
      random,
      credentials: { kind: "oauth-consumer", clientId: CONSUMER.id, clientSecret: new Secret(CONSUMER.secret) },
      flavour: "auto",
      budget: {
        requestsPerHour: options.settings().constants.apiRequestsPerHour,
        share: BUDGET_SHARES[options.name],
      },
      log,
    });
    const cluster = restCluster(
      kubeClient({
        server: "http://kubernetes.simulated",
        send: through("kubernetes", options.cluster.send),
        clock,
        random,
        log,
      }),
    );
    const installation = options.installation ?? installationOf(options.cluster);
    const controlNamespace = CONTROL_NAMESPACE;
    const signal = this.#givingUp.signal;
    const logEvent = eventLog(log, () => clock.now());
    const deps = {
      bitbucket,
      cluster,
      clock,
      random,
      installation,
      ledgers: new Ledgers({ cluster, installation, controlNamespace, signal }),
      identity: randomName(random, 8),
      settings: () => Promise.resolve(options.settings()),
      template: () => Promise.resolve(options.template()),
      dryRun: options.dryRun ?? false,
      stopping: this.#stopping.signal,
      signal,
      emit: (event: ProcessEvent) => {
        logEvent(event);
        options.hear?.(event);
      },
    };
    this.ended = (options.name === "controller" ? controller(deps) : cleaner(deps)).run();
  }

  /** Dies at once, whatever it was doing. */
  crash(): void {
    this.#dead = true;
    this.#end(new Error("crashed"));
  }

  /** Is told to stop and gives up what is under way at once. */
  stop(): void {
    this.#end(new Error("stopped"));
  }

  /** Is told to stop, as by SIGTERM: begins nothing new, and gives up what is still under way after its grace. */
  terminate(): void {
    this.#stopping.abort(new Error("told to stop"));
    void this.#world.sleep(SHUTDOWN_GRACE_MS).then(() => this.#givingUp.abort(new Error("its grace is over")));
  }

  #end(reason: Error): void {
    this.#stopping.abort(reason);
    this.#givingUp.abort(reason);
  }
}

/** When a request left its process; for whoever looks on, not for the servers. */
const SENT_AT_HEADER = "x-simulated-sent-at";

/** Tells of each request that reaches its server. */
function told(send: Send, plane: keyof Faults, { clock, onServing, number = 0 }: ProcessOptions): Send {
  return async (request) => {
    const { [SENT_AT_HEADER]: sentAt, ...headers } = request.headers;
    const at = clock.now();
    const asOf = at - Number(headers[LAG_HEADER] ?? 0);
    const { method, url } = request;
    onServing?.({ process: number, plane, method, url, sentAt: Number(sentAt ?? at), at, asOf });
    return send({ ...request, headers });
  };
}

/** Shows what would be logged without a redactor in between: secrets must not even get that far. */
const PLAIN = { remember: noop, rememberAlways: noop, redact: (text: string) => text };

function noop(): void {}
