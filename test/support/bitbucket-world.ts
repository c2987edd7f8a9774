import { type HttpRequest, readText, type Send } from "../../src/http/transport.ts";
import { documentedConsumer } from "../../src/simulation/identity.ts";
import type { AgentIdentity, RunningAgent } from "../../src/simulator/agent-host.ts";
import { bitbucketHttp } from "../../src/simulator/bitbucket/api/http.ts";
import type { BitbucketBehaviour } from "../../src/simulator/bitbucket/behaviour.ts";
import type { Repository, RunnerScope, Workspace } from "../../src/simulator/bitbucket/places.ts";
import type { Runner } from "../../src/simulator/bitbucket/runners.ts";
import { BitbucketWorld, identityOf } from "../../src/simulator/bitbucket/world.ts";
import { VirtualClock } from "../../src/simulator/virtual-clock.ts";
import { seededRandom } from "../../src/support/random.ts";

/** A simulated Bitbucket for tests of its own code: one workspace, one repository in it, one consumer that may do everything, agents that connect after 5 s. */
export interface BitbucketTestWorld {
  readonly clock: VirtualClock;
  readonly world: BitbucketWorld;
  readonly workspace: Workspace;
  readonly repository: Repository;
  readonly send: Send;
  /** Calls the API and reads the answer. */
  readonly ask: (method: HttpRequest["method"], path: string, options?: AskOptions) => Promise<ReadReply>;
  /** A runner registered by a human; `labels` come on top of `self.hosted` and `linux`. */
  readonly runner: (scope: RunnerScope, name: string, labels?: readonly string[]) => Runner;
  /** Starts a runner's agent; `exits` collects its exit codes. */
  readonly agent: (runner: Runner, exits?: number[], identity?: Partial<AgentIdentity>) => RunningAgent;
}

interface AskOptions {
  readonly authorization?: string;
  readonly json?: unknown;
  readonly body?: string;
}

/** A reply, read. */
export interface ReadReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The body as JSON; undefined when it is none. */
  readonly json: unknown;
}

export const START = Date.UTC(2026, 5, 1, 8);
export const CONSUMER = documentedConsumer("consumer", "consumer-word");

export function bitbucketWorld(behaviour: Partial<BitbucketBehaviour> = {}, seed = 1): BitbucketTestWorld {
  const clock = new VirtualClock(START);
  const world = new BitbucketWorld({
    clock,
    random: seededRandom(seed),
    behaviour: { connectDelayMs: [5_000, 5_000], ...behaviour },
  });
  const workspace = world.addWorkspace({ slug: "woodpecker", name: "Woodpecker" });
  const repository = world.addRepository(workspace, { slug: "app" });
  world.credentials.addConsumer(CONSUMER);
  world.credentials.addAccessToken({
    name: "default",
    token: "everything",
    scopes: ["account", "repository", "pipeline:write", "runner:write"],
    admin: true,
  });
  const send = bitbucketHttp(world);
  return {
    clock,
    world,
    workspace,
    repository,
    send,
    ask: async (method, path, options = {}) => {
      const { authorization = "Bearer everything", json, body = json && JSON.stringify(json) } = options;
      const url = path.startsWith("https://") ? path : `https://api.bitbucket.org${path}`;
      const reply = await send({
        method,
        url,
        headers: authorization === "" ? {} : { authorization },
        ...(body !== undefined && { body: body as string }),
      });
      const text = await readText(reply);
      return { status: reply.status, headers: reply.headers, text, json: parsed(text) };
    },
    runner: (scope, name, labels = ["gke.runner"]) => {
      const runner = world.humanRegisters(scope, { name, labels: ["self.hosted", "linux", ...labels] });
      if ("problem" in runner) throw new Error(runner.problem);
      return runner;
    },
    agent: (runner, exits = [], identity = {}) =>
      world.start({ ...identityOf(runner), ...identity }, (exitCode) => exits.push(exitCode)),
  };
}

/** HTTP Basic. */
export function basic(name: string, password: string): string {
  return `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
