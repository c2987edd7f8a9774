import type { AgentIdentity } from "../../agent-host.ts";
import { isRecord } from "../api/selectors.ts";
import type { ContainerSpec, KeyRef, KubeObject, ObjectRef, PodObject } from "../objects.ts";

/** Where references lead. */
export interface EnvSources {
  secret(name: string): KubeObject | undefined;
  configMap(name: string): KubeObject | undefined;
}

/** A container's environment, or why it cannot be made. */
export type Environment =
  | { readonly ok: true; readonly variables: ReadonlyMap<string, string> }
  | { readonly ok: false; readonly message: string };

/** Resolves a container's variables as a kubelet does before it starts it. The message of a failure names things, never values. */
export function resolveEnv(container: ContainerSpec, pod: PodObject, sources: EnvSources): Environment {
  const namespace = pod.metadata.namespace ?? "";
  const variables = new Map<string, string>();
  for (const { prefix = "", secretRef, configMapRef } of container.envFrom ?? []) {
    const reference = secretRef ?? configMapRef;
    if (reference === undefined) continue;
    const source = secretRef === undefined ? sources.configMap(reference.name) : sources.secret(reference.name);
    if (source === undefined) {
      if (reference.optional === true) continue;
      return {
        ok: false,
        message: `${secretRef === undefined ? "configmap" : "secret"} "${reference.name}" not found`,
      };
    }
    for (const key of Object.keys(dataOf(source))) variables.set(prefix + key, valueOf(source, key) ?? "");
  }
  for (const { name, value, valueFrom } of container.env ?? []) {
    const { secretKeyRef, configMapKeyRef } = valueFrom ?? {};
    const reference: KeyRef | undefined = secretKeyRef ?? configMapKeyRef;
    if (reference === undefined) {
      variables.set(name, value ?? "");
      continue;
    }
    const kind = secretKeyRef === undefined ? "ConfigMap" : "Secret";
    const source = secretKeyRef === undefined ? sources.configMap(reference.name) : sources.secret(reference.name);
    const found = source === undefined ? undefined : valueOf(source, reference.key);
    if (found !== undefined) variables.set(name, found);
    else if (reference.optional !== true) return { ok: false, message: missing(kind, reference, namespace, source) };
  }
  return { ok: true, variables };
}

function missing(kind: string, reference: KeyRef, namespace: string, source: KubeObject | undefined): string {
  return source === undefined
    ? `${kind.toLowerCase()} "${reference.name}" not found`
    : `couldn't find key ${reference.key} in ${kind} ${namespace}/${reference.name}`;
}

function dataOf({ data }: KubeObject): Readonly<Record<string, unknown>> {
  return isRecord(data) ? data : {};
}

function valueOf(source: KubeObject, key: string): string | undefined {
  const value = dataOf(source)[key];
  if (typeof value !== "string") return undefined;
  return source.kind === "Secret" ? Buffer.from(value, "base64").toString() : value;
}

/** The container that runs a runner's agent: the one that is told which runner it is. */
export function isAgent(container: ContainerSpec): boolean {
  return container.env?.some(({ name }) => name === "RUNNER_UUID") === true;
}

/** Who the agent of a container is, from its environment. */
export function identityOf(variables: ReadonlyMap<string, string>): AgentIdentity {
  const repositoryUuid = variables.get("REPOSITORY_UUID") ?? "";
  return {
    accountUuid: variables.get("ACCOUNT_UUID") ?? "",
    ...(repositoryUuid !== "" && { repositoryUuid }),
    runnerUuid: variables.get("RUNNER_UUID") ?? "",
    oauthClientId: variables.get("OAUTH_CLIENT_ID") ?? "",
    oauthClientSecret: variables.get("OAUTH_CLIENT_SECRET") ?? "",
  };
}

/** Secrets that must be there before any container starts: those of the pod's volumes. */
export function volumeSecrets(pod: PodObject): readonly ObjectRef[] {
  return (pod.spec.volumes ?? []).flatMap(({ secret }) =>
    secret === undefined || secret.optional === true ? [] : [{ name: secret.secretName }],
  );
}
