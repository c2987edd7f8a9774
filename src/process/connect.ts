import type { Bitbucket, Credentials } from "../bitbucket/port.ts";
import { DEFAULT_API_URL, restBitbucket } from "../bitbucket/rest.ts";
import type { Emit } from "../domain/events.ts";
import { proxyEnvironment } from "../http/proxy.ts";
import { undiciSend } from "../http/undici.ts";
import { restCluster } from "../kubernetes/cluster.ts";
import { connectKubernetes, type KubeConnection } from "../kubernetes/connection.ts";
import { KubernetesError } from "../kubernetes/errors.ts";
import type { Cluster } from "../kubernetes/port.ts";
import type { Redactor } from "../observability/redaction/redaction.ts";
import { rememberingBitbucket, rememberingSend } from "../observability/redaction/remembering.ts";
import type { Clock } from "../support/clock.ts";
import { UsageError } from "../support/errors.ts";
import type { Log } from "../support/log.ts";
import type { Random } from "../support/random.ts";
import { type Environment, flavourFrom, serverUrl } from "./environment.ts";

const TIMEOUTS = { connectTimeoutMs: 10_000, headersTimeoutMs: 30_000, bodyTimeoutMs: 30_000 } as const;
/** Registrations are made ten at a time; listings and removals run beside them. */
const CONNECTIONS = 16;

/** Clients of Bitbucket and Kubernetes over real connections, open until closed. */
export interface Connected {
  readonly bitbucket: Bitbucket;
  readonly cluster: Cluster;
  /** The pod's own namespace, or the kubeconfig context's. */
  readonly namespace: string | undefined;
  /** Where they are. */
  readonly servers: { readonly bitbucket: string; readonly kubernetes: string };
  /** The cluster, for people. */
  readonly describeCluster: string;
  close(): Promise<void>;
}

export interface ConnectOptions {
  readonly env: Environment;
  readonly clock: Clock;
  readonly random: Random;
  readonly credentials: Credentials;
  /** Read at every request. */
  readonly budget: { readonly requestsPerHour: number; readonly share: number };
  readonly log: Log;
  readonly redactor: Redactor;
  readonly emit: Emit;
}

/** Finds both servers from the environment; nothing is sent yet. @throws {UsageError} when one cannot be found. */
export async function connect(options: ConnectOptions): Promise<Connected> {
  const { env, clock, random, credentials, budget, log, redactor, emit } = options;
  const apiUrl = serverUrl(env, "BITBUCKET_API_URL") ?? DEFAULT_API_URL;
  const tokenUrl = serverUrl(env, "BITBUCKET_OAUTH_TOKEN_URL");
  const flavour = flavourFrom(env);
  const http = undiciSend({ ...TIMEOUTS, connections: CONNECTIONS, proxy: proxyEnvironment(env) });
  const kubernetes = await connected(() => connectKubernetes({ env, clock, random, log, onRequest: emit }));
  const bitbucket = restBitbucket({
    send: rememberingSend(http.send, redactor),
    clock,
    random,
    credentials,
    apiUrl,
    tokenUrl,
    flavour,
    budget,
    log,
    onRequest: emit,
  });
  return {
    bitbucket: rememberingBitbucket(bitbucket, redactor),
    cluster: restCluster(kubernetes.client),
    namespace: kubernetes.namespace,
    servers: { bitbucket: apiUrl, kubernetes: kubernetes.server },
    describeCluster: kubernetes.describe,
    async close() {
      await Promise.all([kubernetes.close(), http.close()]);
    },
  };
}

/** A cluster that cannot be found is a matter of the environment: a kubeconfig, or a ServiceAccount's files. */
async function connected(find: () => Promise<KubeConnection>): Promise<KubeConnection> {
  try {
    return await find();
  } catch (cause) {
    if (!(cause instanceof KubernetesError)) throw cause;
    throw new UsageError(cause.message, cause.remedy, { cause });
  }
}
