import * as z from "zod";
import type { KubeClient } from "../../kubernetes/client/client.ts";
import type { Kind } from "../../kubernetes/client/kind.ts";
import { followPods, type PodChange } from "../../kubernetes/watch/follow-pods.ts";
import type { AgentHost, AgentIdentity, RunningAgent } from "../../simulator/agent-host.ts";
import { identityOf as identityFrom } from "../../simulator/kubernetes/nodes/container-env.ts";
import { BackOff } from "../../support/back-off.ts";
import type { Clock } from "../../support/clock.ts";
import type { Log } from "../../support/log.ts";
import type { Random } from "../../support/random.ts";

/** Whole: here the sandbox does what a kubelet does. */
const SECRETS: Kind = { group: "", version: "v1", resource: "secrets", view: "object" };
/** Until a Secret that is not there yet is looked for again. */
const SECRET_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;

const Variable = z.object({
  name: z.string(),
  value: z.string().optional(),
  valueFrom: z.object({ secretKeyRef: z.object({ name: z.string(), key: z.string() }).optional() }).optional(),
});

/** A pod as far as its agent goes. */
const Pod = z.object({
  metadata: z.object({ uid: z.string(), namespace: z.string(), name: z.string() }),
  spec: z.object({ containers: z.array(z.object({ name: z.string(), env: z.array(Variable).optional() })) }),
  status: z
    .object({
      containerStatuses: z
        .array(z.object({ name: z.string(), state: z.object({ running: z.unknown().optional() }).optional() }))
        .optional(),
    })
    .optional(),
});

type Pod = z.infer<typeof Pod>;
type Variable = z.infer<typeof Variable>;

const SecretData = z.object({ data: z.record(z.string(), z.string()).optional() });

export interface PodAgentsDependencies {
  readonly client: KubeClient;
  readonly agents: AgentHost;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/**
 * Lets agents live and die with the pods of a real cluster: one starts when the container that has the variable RUNNER_UUID runs and its
 * Secret can be read, and is killed when that container runs no more or the pod goes. Containers themselves are not touched, so that an agent
 * that ends by itself leaves its container running.
 *
 * @throws {KubernetesError} when the cluster refuses. @throws the signal's reason.
 */
export async function runPodAgents(deps: PodAgentsDependencies, signal: AbortSignal): Promise<void> {
  const alive = new Map<string, AbortController>();
  try {
    for await (const change of followPods(deps.client, deps, signal)) {
      const pod = Pod.safeParse(change.pod);
      if (!pod.success) continue;
      const { uid } = pod.data.metadata;
      const variables = runs(change, pod.data) ? agentVariables(pod.data) : undefined;
      if (variables === undefined) {
        alive.get(uid)?.abort();
        alive.delete(uid);
      } else if (!alive.has(uid)) {
        const life = new AbortController();
        alive.set(uid, life);
        void live(deps, pod.data, variables, life.signal);
      }
    }
  } finally {
    for (const life of alive.values()) life.abort();
  }
}

function runs({ type }: PodChange, pod: Pod): boolean {
  if (type === "deleted") return false;
  const name = pod.spec.containers.find(isAgent)?.name;
  return pod.status?.containerStatuses?.some((status) => status.name === name && status.state?.running) === true;
}

function isAgent({ env }: Pod["spec"]["containers"][number]): boolean {
  return env?.some(({ name }) => name === "RUNNER_UUID") === true;
}

function agentVariables(pod: Pod): readonly Variable[] | undefined {
  return pod.spec.containers.find(isAgent)?.env;
}

/** One agent's life, from the search for its Secret to its end. */
async function live(
  { client, agents, clock, random, log }: PodAgentsDependencies,
  pod: Pod,
  variables: readonly Variable[],
  signal: AbortSignal,
): Promise<void> {
  const where = { namespace: pod.metadata.namespace, pod: pod.metadata.name };
  const failures = new BackOff(clock, random, LONGEST_RETRY_MS);
  let running: RunningAgent | undefined;
  signal.addEventListener("abort", () => running?.kill(), { once: true });
  while (!signal.aborted) {
    let pauseMs = SECRET_RETRY_MS;
    try {
      const identity = await identityOf(client, pod.metadata.namespace, variables, signal);
      if (identity !== undefined && !signal.aborted) {
        running = agents.start(identity, (exitCode) => log.warn("An agent ended by itself", { ...where, exitCode }));
        return;
      }
    } catch (error) {
      if (signal.aborted) return;
      pauseMs = failures.fail(SECRET_RETRY_MS);
      log.warn("An agent's Secret cannot be read; trying again", { ...where, error });
    }
    await clock.pause(pauseMs, signal);
  }
}

/** Undefined while a Secret or its key is not there. */
async function identityOf(
  client: KubeClient,
  namespace: string,
  variables: readonly Variable[],
  signal: AbortSignal,
): Promise<AgentIdentity | undefined> {
  const values = new Map<string, string>();
  for (const { name, value, valueFrom } of variables) {
    const ref = valueFrom?.secretKeyRef;
    if (ref === undefined) {
      values.set(name, value ?? "");
      continue;
    }
    const secret = await client.get(SECRETS, { namespace, name: ref.name }, signal);
    const encoded = secret === undefined ? undefined : SecretData.parse(secret).data?.[ref.key];
    if (encoded === undefined) return undefined;
    values.set(name, Buffer.from(encoded, "base64").toString());
  }
  return identityFrom(values);
}
