import { isNamespaceName } from "../../domain/namespace.ts";
import { errorCode } from "../../support/errors.ts";
import type { ReadTextFile } from "../../support/read-file.ts";
import { shown, shownNames } from "../../support/shown.ts";
import { KubernetesError } from "../errors.ts";
import type { ClusterAccess, TlsTrust } from "./access.ts";
import { type ClusterEntry, type Kubeconfig, mergeKubeconfigs, parseKubeconfig } from "./kubeconfig-file.ts";
import { decoded, type KubeconfigDependencies, userCredentials } from "./kubeconfig-user.ts";
import { readNeeded, unreadable } from "./rotating-file.ts";

/** Cluster information for credential plugins is found under this name. */
const EXEC_EXTENSION = "client.authentication.k8s.io/exec";

/**
 * The way to a cluster that the current context of some kubeconfig files describes. As with kubectl, files that do not exist are passed
 * over when another one is there.
 *
 * @throws {KubernetesError} when no file is there, or what they say together is incomplete or not supported.
 */
export async function kubeconfigAccess(
  paths: readonly string[],
  dependencies: KubeconfigDependencies,
): Promise<ClusterAccess> {
  const where = shownNames(paths, paths.length);
  const config = mergeKubeconfigs(await readFiles(paths, dependencies.readFile));
  const name = config.currentContext;
  if (name === undefined) {
    throw new KubernetesError(`No current-context in ${where}`, "Choose one: kubectl config use-context NAME.");
  }
  const context = entry(config.contexts, "context", name, where);
  const cluster = entry(config.clusters, "cluster", context.cluster, where);
  const user = context.user === undefined ? undefined : entry(config.users, "user", context.user, where);
  if (context.namespace !== undefined && !isNamespaceName(context.namespace)) {
    throw new KubernetesError(
      `The namespace of the context "${shown(name)}" in ${where} cannot be one: "${shown(context.namespace)}"`,
      "Choose another: kubectl config set-context --current --namespace NAME.",
    );
  }
  const tls = await trustOf(cluster, where, dependencies.readFile);
  return {
    server: httpUrl(cluster.server, "server", where),
    tls,
    proxy: cluster["proxy-url"] === undefined ? undefined : httpUrl(cluster["proxy-url"], "proxy-url", where),
    credentials: userCredentials(user, clusterInfo(cluster, tls), where, dependencies),
    namespace: context.namespace,
    describe: `${cluster.server} (context "${shown(name)}" of ${where})`,
  };
}

async function readFiles(paths: readonly string[], readFile: ReadTextFile): Promise<Kubeconfig[]> {
  const files: Kubeconfig[] = [];
  let missing: unknown;
  for (const path of paths) {
    try {
      files.push(parseKubeconfig(await readFile(path), path));
    } catch (cause) {
      if (cause instanceof KubernetesError) throw cause;
      if (errorCode(cause) !== "ENOENT") throw unreadable(path, cause);
      missing = cause;
    }
  }
  if (files.length === 0) throw unreadable(shownNames(paths, paths.length), missing);
  return files;
}

function entry<T>(entries: ReadonlyMap<string, T>, what: string, name: string | undefined, where: string): T {
  const found = name === undefined ? undefined : entries.get(name);
  if (found !== undefined) return found;
  const known = shownNames(entries.keys(), entries.size) || "none";
  throw new KubernetesError(
    name === undefined ? `The current context in ${where} names no ${what}` : `No ${what} "${shown(name)}" in ${where}`,
    `Name one that is there (${known}), or add the missing one.`,
  );
}

function httpUrl(url: string | undefined, field: string, where: string): string {
  if (url !== undefined && URL.canParse(url) && ["http:", "https:"].includes(new URL(url).protocol)) return url;
  throw new KubernetesError(
    `The cluster's ${field} in ${where} is ${url === undefined ? "missing" : `no http or https URL`}`,
    `Write it with its scheme, such as https://cluster.example.com:6443.`,
  );
}

async function trustOf(cluster: ClusterEntry, where: string, readFile: ReadTextFile): Promise<TlsTrust> {
  const { "certificate-authority-data": data, "certificate-authority": file } = cluster;
  const serverName = cluster["tls-server-name"];
  const ca =
    data !== undefined
      ? decoded(data, "certificate-authority-data", where)
      : file !== undefined
        ? await readNeeded(file, readFile)
        : undefined;
  if (ca !== undefined && cluster["insecure-skip-tls-verify"]) {
    throw new KubernetesError(
      `The cluster in ${where} has both a certificate-authority and insecure-skip-tls-verify`,
      "Remove insecure-skip-tls-verify.",
    );
  }
  return {
    ...(ca !== undefined && { ca }),
    ...(serverName !== undefined && { serverName }),
    ...(cluster["insecure-skip-tls-verify"] && { skipTlsVerify: true }),
  };
}

/** A cluster as a credential plugin gets to know it. */
function clusterInfo(cluster: ClusterEntry, { ca, serverName, skipTlsVerify }: TlsTrust): Record<string, unknown> {
  return {
    server: cluster.server,
    ...(ca !== undefined && { "certificate-authority-data": Buffer.from(ca).toString("base64") }),
    ...(serverName !== undefined && { "tls-server-name": serverName }),
    ...(skipTlsVerify && { "insecure-skip-tls-verify": true }),
    ...(cluster["proxy-url"] !== undefined && { "proxy-url": cluster["proxy-url"] }),
    config: cluster.extensions.find(({ name }) => name === EXEC_EXTENSION)?.extension ?? null,
  };
}
