import type { ClusterAccess } from "./access.ts";
import type { Environment } from "./exec-plugin.ts";
import { type FileDependencies, tokenFileCredentials } from "./file-credentials.ts";
import { readNeeded } from "./rotating-file.ts";

/** Where every pod finds its service account: https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/ */
const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

/** Whether this process runs in a pod. */
export function isInCluster(env: Environment): boolean {
  return Boolean(env.KUBERNETES_SERVICE_HOST && env.KUBERNETES_SERVICE_PORT);
}

/**
 * The way from a pod to its own cluster: the address from the environment, authority, token and namespace from the service account's
 * folder. No proxy: the address is one of the cluster's own.
 *
 * @throws {KubernetesError} when the folder is not mounted (`automountServiceAccountToken: false`).
 */
export async function inClusterAccess(env: Environment, reading: FileDependencies): Promise<ClusterAccess> {
  const host = env.KUBERNETES_SERVICE_HOST ?? "";
  const server = `https://${host.includes(":") ? `[${host}]` : host}:${env.KUBERNETES_SERVICE_PORT ?? ""}`;
  const [ca, namespace] = await Promise.all([
    readNeeded(`${SERVICE_ACCOUNT}/ca.crt`, reading.readFile),
    readNeeded(`${SERVICE_ACCOUNT}/namespace`, reading.readFile),
  ]);
  const credentials = tokenFileCredentials(`${SERVICE_ACCOUNT}/token`, reading);
  return {
    server,
    tls: { ca },
    proxy: undefined,
    credentials,
    namespace: namespace.trim(),
    describe: `${server} (in-cluster, as the pod's service account)`,
  };
}
