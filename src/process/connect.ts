import type { Bitbucket, Credentials } from "../bitbucket/port.ts";
import { DEFAULT_API_URL, restBitbucket } from "../bitbucket/rest.ts";
import { proxyEnvironment } from "../http/proxy.ts";
import { undiciSend } from "../http/undici.ts";
import { restCluster } from "../kubernetes/cluster.ts";
import { connectKubernetes } from "../kubernetes/connection.ts";
import type { Cluster } from "../kubernetes/port.ts";
import { rememberingBitbucket, rememberingSend } from "../observability/redaction/remembering.ts";
import type { Clock } from "../support/clock.ts";
import type { Random } from "../support/random.ts";
import { flavourFrom } from "./flavour.ts";
import type { Observability } from "./observability.ts";
import { serverUrl } from "./server-url.ts";
import type { Surroundings } from "./surroundings.ts";

const TIMEOUTS = { connectTimeoutMs: 10_000, headersTimeoutMs: 30_000, bodyTimeoutMs: 30_000 } as const;
/** Registrations are made ten at a time; listings and removals go on beside them. */
const CONNECTIONS = 16;

/** Both planes over real connections, open until closed. */
export interface ConnectedPlanes {
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

export interface PlanesOptions {
  readonly io: Surroundings;
  readonly clock: Clock;
  readonly random: Random;
  readonly credentials: Credentials;
  readonly observability: Observability;
  /** Read anew at every request. */
  readonly budget: { readonly requestsPerHour: number; readonly share: number };
}

/** Finds both planes from the environment; nothing is sent yet. @throws errors with a `remedy` when one cannot be found. */
export async function connectPlanes({
  io,
  clock,
  random,
  credentials,
  observability,
  budget,
}: PlanesOptions): Promise<ConnectedPlanes> {
  const { log, reporter, redactor } = observability;
  const apiUrl = serverUrl(io.env, "BITBUCKET_API_URL") ?? DEFAULT_API_URL;
  const tokenUrl = serverUrl(io.env, "BITBUCKET_OAUTH_TOKEN_URL");
  const flavour = flavourFrom(io.env);
  const http = undiciSend({ ...TIMEOUTS, connections: CONNECTIONS, proxy: proxyEnvironment(io.env) });
  const kubernetes = await connectKubernetes({
    env: io.env,
    clock,
    random,
    log,
    onRequest: ({ method, route, status, durationMs }) =>
      reporter.kubernetesRequest({
        verb: method,
        resource: route,
        status: status === "error" ? undefined : status,
        durationMs,
      }),
  });
  const rest = restBitbucket({
    send: rememberingSend(http.send, redactor),
    clock,
    random,
    credentials,
    apiUrl,
    tokenUrl,
    flavour,
    budget,
    log,
    onRequest: (outcome) => reporter.bitbucketRequest(outcome),
  });
  return {
    bitbucket: rememberingBitbucket(rest, redactor),
    cluster: restCluster(kubernetes.client),
    namespace: kubernetes.namespace,
    servers: { bitbucket: apiUrl, kubernetes: kubernetes.server },
    describeCluster: kubernetes.describe,
    async close() {
      await Promise.all([kubernetes.close(), http.close()]);
    },
  };
}
