import { X509Certificate } from "node:crypto";
import { delimiter, join } from "node:path";
import { createSecureContext } from "node:tls";
import type { RequestEnded } from "../domain/events.ts";
import { type ProxyEnvironment, proxyEnvironment } from "../http/proxy.ts";
import { undiciSend } from "../http/undici.ts";
import type { Clock } from "../support/clock.ts";
import { messageOf } from "../support/errors.ts";
import type { Log } from "../support/log.ts";
import type { Random } from "../support/random.ts";
import type { ReadTextFile } from "../support/read-file.ts";
import { readRegularText } from "../support/regular-file.ts";
import type { ClusterAccess } from "./auth/access.ts";
import type { ClientIdentity } from "./auth/credentials.ts";
import type { Environment } from "./auth/exec-plugin.ts";
import { inClusterAccess, isInCluster } from "./auth/in-cluster.ts";
import { kubeconfigAccess } from "./auth/kubeconfig.ts";
import { rotatingSend } from "./auth/rotating-send.ts";
import { type RunCommand, runOnThisMachine } from "./auth/run-command.ts";
import { type KubeClient, kubeClient } from "./client/client.ts";
import { KubernetesError } from "./errors.ts";

/** What a connection is made with. */
export interface ConnectionOptions {
  /** Read: KUBECONFIG, HOME, KUBERNETES_SERVICE_HOST and _PORT, HTTPS_PROXY, HTTP_PROXY, NO_PROXY; all of it goes to exec plugins. */
  readonly env: Environment;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Hears of every request's end. Must not throw. */
  readonly onRequest?: (event: RequestEnded) => void;
  /** This machine's files, unless given. */
  readonly readFile?: ReadTextFile;
  /** Runs credential plugins on this machine, unless given. */
  readonly runCommand?: RunCommand;
}

/** A way to a cluster, open until closed. */
export interface KubeConnection {
  readonly client: KubeClient;
  /** The API server's URL. */
  readonly server: string;
  /** The namespace of the kubeconfig's context, or the pod's own. */
  readonly namespace: string | undefined;
  /** Where the cluster is and where that was found, for people. */
  readonly describe: string;
  close(): Promise<void>;
}

/** Real time. The client's own deadline, by its clock, bounds a whole request besides. */
const CONNECT_TIMEOUT_MS = 10_000;
const HEADERS_TIMEOUT_MS = 30_000;
/** The API server has limits of its own; more connections would only queue there. Watches hold one each. */
const MOST_CONNECTIONS = 24;

/**
 * Finds a cluster: the files in `KUBECONFIG` (separated by colons); else, in a pod, the pod's own cluster; else `~/.kube/config`. Nothing is
 * sent yet, and no plugin is run.
 *
 * @throws {KubernetesError} when there is none, or what was found is incomplete or unreadable.
 */
export async function connectKubernetes(options: ConnectionOptions): Promise<KubeConnection> {
  const { clock, random, log, onRequest } = options;
  const access = await findAccess(options);
  const open = (identity: ClientIdentity | undefined) => openConnections(access, identity);
  const connections = rotatingSend(open, access.credentials);
  const { server, credentials, namespace, describe } = access;
  const client = kubeClient({
    server,
    send: connections.send,
    credentials,
    clock,
    random,
    log,
    ...(onRequest && { onRequest }),
  });
  return { client, server, namespace, describe, close: () => connections.close() };
}

async function findAccess({ env, readFile, runCommand, clock, log }: ConnectionOptions): Promise<ClusterAccess> {
  const dependencies = {
    env,
    clock,
    log,
    readFile: readFile ?? readRegularText,
    runCommand: runCommand ?? runOnThisMachine,
  };
  const named = [...new Set((env.KUBECONFIG ?? "").split(delimiter).filter((path) => path !== ""))];
  if (named.length === 0 && isInCluster(env)) return inClusterAccess(env, dependencies);
  if (named.length === 0 && !env.HOME) throw nowhere();
  const paths = named.length > 0 ? named : [join(env.HOME ?? "", ".kube", "config")];
  const access = await kubeconfigAccess(paths, dependencies);
  return { ...access, proxy: access.proxy ?? proxies(env) };
}

function proxies(env: Environment): ProxyEnvironment {
  try {
    return proxyEnvironment(env);
  } catch (cause) {
    throw new KubernetesError(messageOf(cause), "Correct the variable, or unset it.", { cause });
  }
}

function nowhere(): KubernetesError {
  return new KubernetesError(
    "No Kubernetes cluster: KUBECONFIG is not set, and this is not a pod",
    "Set KUBECONFIG to a kubeconfig file, or run this in a pod with a service account.",
  );
}

function openConnections({ tls, proxy, describe }: ClusterAccess, identity: ClientIdentity | undefined) {
  const certificate = identity && { cert: identity.cert, key: identity.key.reveal() };
  try {
    // Node silently accepts an authority that is not one.
    if (tls.ca !== undefined) new X509Certificate(tls.ca);
    createSecureContext({ ...certificate });
  } catch (cause) {
    throw new KubernetesError(
      `The certificates for ${describe} cannot be used: ${messageOf(cause)}`,
      "Check that certificate authority, client certificate and key are PEM, and that certificate and key belong together.",
    );
  }
  return undiciSend({
    ...tls,
    ...certificate,
    ...(proxy !== undefined && { proxy }),
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    headersTimeoutMs: HEADERS_TIMEOUT_MS,
    bodyTimeoutMs: 0,
    connections: MOST_CONNECTIONS,
  });
}
