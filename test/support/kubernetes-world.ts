import { type HttpRequest, readText } from "../../src/http/transport.ts";
import type { AgentHost, AgentIdentity } from "../../src/simulator/agent-host.ts";
import type { JobObject, PodObject } from "../../src/simulator/kubernetes/objects.ts";
import { type KubernetesEvent, type KubernetesOptions, KubernetesWorld } from "../../src/simulator/kubernetes/world.ts";
import { VirtualClock } from "../../src/simulator/virtual-clock.ts";
import { seededRandom } from "../../src/support/random.ts";

export const START_MS = Date.UTC(2026, 2, 1, 8);

/** An agent that a test holds in its hands. */
export interface HeldAgent {
  readonly identity: AgentIdentity;
  readonly startedAt: number;
  /** When; undefined while it lives. */
  killedAt: number | undefined;
  exit(code: number): void;
}

/** A world for tests of its own code: its clock, its agents, what happened, and short ways to talk to it. */
export class KubernetesTestWorld {
  readonly clock = new VirtualClock(START_MS);
  readonly agents: HeldAgent[] = [];
  readonly events: KubernetesEvent[] = [];
  readonly world: KubernetesWorld;

  constructor(options: Partial<KubernetesOptions> = {}) {
    const host: AgentHost = {
      start: (identity, onExit) => {
        const agent: HeldAgent = { identity, startedAt: this.clock.now(), killedAt: undefined, exit: onExit };
        this.agents.push(agent);
        return { kill: () => void (agent.killedAt = this.clock.now()) };
      },
    };
    this.world = new KubernetesWorld({
      clock: this.clock,
      random: seededRandom(1),
      agents: host,
      onEvent: (event) => this.events.push(event),
      ...options,
    });
  }

  /** Sends a request and reads the whole reply. */
  async call(
    method: HttpRequest["method"],
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Reply> {
    const sent = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
    const reply = await this.world.send({
      method,
      url: `http://kubernetes.example${path}`,
      headers: { "content-type": "application/json", ...headers },
      ...(sent !== undefined && { body: sent }),
    });
    const text = await readText(reply);
    const isJson = reply.headers["content-type"] === "application/json";
    return { status: reply.status, headers: reply.headers, text, body: (isJson ? JSON.parse(text) : {}) as ReplyBody };
  }

  /** Merge patch. */
  patch(path: string, body: unknown): Promise<Reply> {
    return this.call("PATCH", path, body, { "content-type": "application/merge-patch+json" });
  }

  job(name: string): JobObject | undefined {
    return this.world.get("jobs", "default", name) as JobObject | undefined;
  }

  pods(): readonly PodObject[] {
    return this.world.list("pods", "default") as readonly PodObject[];
  }

  /** The one pod that there is. */
  pod(): PodObject {
    const [pod, ...others] = this.pods();
    if (pod === undefined || others.length > 0) throw new Error(`expected one pod, found ${this.pods().length}`);
    return pod;
  }

  /** A runner's Secret and Job, made by somebody else. */
  createRunner(name = "runner", overrides: JobOverrides = {}): void {
    this.world.create("secrets", "default", aRunnerSecret(name));
    this.world.create("jobs", "default", aRunnerJob(name, overrides));
  }
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly body: ReplyBody;
}

/** The fields of replies that tests look at. */
interface ReplyBody {
  readonly kind?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
  readonly details?: {
    readonly name?: string;
    readonly kind?: string;
    readonly causes?: readonly { field: string; reason: string }[];
  };
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
    readonly [field: string]: unknown;
  };
  readonly items?: readonly ReplyBody[];
  readonly [field: string]: unknown;
}

/** What a test changes of the usual Job. */
export interface JobOverrides {
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly pod?: Readonly<Record<string, unknown>>;
}

/** A runner's Job as the shipped template makes it, cut short: the agent, and a Docker daemon beside it. */
export function aRunnerJob(name: string, { spec, pod }: JobOverrides = {}): Readonly<Record<string, unknown>> {
  const fromSecret = (key: string) => ({ valueFrom: { secretKeyRef: { name: `${name}-credentials`, key } } });
  return {
    metadata: { name, labels: { app: "runner" } },
    spec: {
      template: {
        metadata: { labels: { app: "runner" } },
        spec: {
          restartPolicy: "OnFailure",
          containers: [
            {
              name: "runner",
              image: "runner:1",
              resources: { requests: { cpu: "1", memory: "2Gi" } },
              env: [
                { name: "ACCOUNT_UUID", value: "{account}" },
                { name: "RUNNER_UUID", value: `{${name}}` },
                { name: "OAUTH_CLIENT_ID", ...fromSecret("id") },
                { name: "OAUTH_CLIENT_SECRET", ...fromSecret("secret") },
              ],
            },
            { name: "docker", image: "docker:dind" },
          ],
          ...pod,
        },
      },
      ...spec,
    },
  };
}

/** The Secret that {@link aRunnerJob} refers to. */
export function aRunnerSecret(name: string): Readonly<Record<string, unknown>> {
  return {
    metadata: { name: `${name}-credentials` },
    stringData: { id: `id of ${name}`, secret: `secret of ${name}` },
  };
}
