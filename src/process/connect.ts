import type { Bitbucket, Credentials } from "../bitbucket/port.ts";
import { DEFAULT_API_URL, restBitbucket } from "../bitbucket/rest.ts";
import type { Emit } from "../domain/events.ts";
import type { Flavour } from "../domain/remote-runner.ts";
import { type ProxyEnvironment, proxyEnvironment } from "../http/proxy.ts";
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
import type { Gathering } from "./gathering.ts";

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

/** Where both servers are, and how they are reached. */
export interface Servers {
  readonly apiUrl: string;
  readonly tokenUrl: string | undefined;
  readonly flavour: "auto" | Flavour;
  readonly proxy: ProxyEnvironment;
  readonly kubernetes: KubeConnection;
}

interface FindOptions {
  readonly env: Environment;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly emit: Emit;
}

/** Finds both servers from the environment; nothing is sent yet. What is wrong goes to `wrong`; undefined when something is. */
export async function findServers(
  { env, clock, random, log, emit }: FindOptions,
  wrong: Gathering,
): Promise<Servers | undefined> {
  // Unset and wrong must not look alike.
  const apiUrl = await wrong.take(() => serverUrl(env, "BITBUCKET_API_URL") ?? DEFAULT_API_URL);
  const token = await wrong.take(() => ({ url: serverUrl(env, "BITBUCKET_OAUTH_TOKEN_URL") }));
  const flavour = await wrong.take(() => flavourFrom(env));
  const proxy = await wrong.take(() => proxyEnvironment(env));
  // A wrong proxy was told already.
  const kubeEnv = proxy === undefined ? { ...env, ...NO_PROXIES } : env;
  const kubernetes = await wrong.take(() =>
    connected(() => connectKubernetes({ env: kubeEnv, clock, random, log, onRequest: emit })),
  );
  if (
    apiUrl !== undefined &&
    token !== undefined &&
    flavour !== undefined &&
    proxy !== undefined &&
    kubernetes !== undefined
  )
    return { apiUrl, tokenUrl: token.url, flavour, proxy, kubernetes };
  await kubernetes?.close();
  return undefined;
}

const NO_PROXIES = { HTTP_PROXY: "", HTTPS_PROXY: "", http_proxy: "", https_proxy: "" };

export interface ConnectOptions {
  readonly servers: Servers;
  readonly clock: Clock;
  readonly random: Random;
  readonly credentials: Credentials;
  /** Read at every request. */
  readonly budget: { readonly requestsPerHour: number; readonly share: number };
  readonly log: Log;
  readonly redactor: Redactor;
  readonly emit: Emit;
}

/** Clients of both servers; nothing is sent yet. */
export function connect(options: ConnectOptions): Connected {
  const { servers, clock, random, credentials, budget, log, redactor, emit } = options;
  const { apiUrl, tokenUrl, flavour, proxy, kubernetes } = servers;
  const http = undiciSend({ ...TIMEOUTS, connections: CONNECTIONS, proxy });
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
