import type { ConfigMapRecord, JobRecord, PodRecord, SecretRecord } from "../domain/cluster-objects.ts";

/** A Kubernetes object on its way to the server: sent exactly as it is. */
export type KubeObject = Readonly<Record<string, unknown>>;

/**
 * What the controller and the cleaner need of Kubernetes. Lists are complete (all pages) and consistent (read from the quorum, not from
 * a watch cache); writes carry the preconditions that make them safe. Every method may throw {@link KubernetesError} and nothing else,
 * but for an aborted signal's reason.
 */
export interface Cluster {
  /** The namespace's uid. @throws {KubernetesError} when it is absent. */
  namespaceUid(name: string, signal: AbortSignal): Promise<string>;
  /** Creates the namespace when it is missing. */
  ensureNamespace(name: string, signal: AbortSignal): Promise<void>;

  /** All Jobs of a namespace, or those that a label selector picks. */
  jobs(namespace: string, signal: AbortSignal, labelSelector?: string): Promise<readonly JobRecord[]>;
  /** One Job, or undefined on 404. */
  job(namespace: string, name: string, signal: AbortSignal): Promise<JobRecord | undefined>;
  /** The pods that Jobs made in a namespace (label `job-name`). */
  pods(namespace: string, signal: AbortSignal): Promise<readonly PodRecord[]>;
  /** The metadata of the namespace's Secrets that a label selector picks (all without one); their data is not fetched. */
  secrets(namespace: string, signal: AbortSignal, labelSelector?: string): Promise<readonly SecretRecord[]>;
  /** One Secret's metadata, or undefined on 404. */
  secret(namespace: string, name: string, signal: AbortSignal): Promise<SecretRecord | undefined>;

  /** "exists": 409, an object of that name is there. */
  createJob(namespace: string, job: KubeObject, signal: AbortSignal): Promise<JobRecord | "exists">;
  createSecret(namespace: string, secret: KubeObject, signal: AbortSignal): Promise<SecretRecord | "exists">;

  /**
   * Compare-and-swap of a Job's labels and annotations (null removes one): holds only while the Job is still the one that was read
   * (uid and resourceVersion). Gives the Job as it is afterwards.
   */
  patchJobMetadata(
    job: JobRecord,
    patch: MetadataPatch,
    signal: AbortSignal,
  ): Promise<JobRecord | "conflict" | "absent">;
  /**
   * Takes all data out of a Secret (compare-and-swap), and patches its metadata in the same write. "immutable": the server does not let its
   * data change.
   */
  emptySecret(
    secret: SecretRecord,
    patch: MetadataPatch,
    signal: AbortSignal,
  ): Promise<SecretRecord | "conflict" | "absent" | "immutable">;

  /** The ConfigMaps of a namespace that a label selector picks. */
  configMaps(namespace: string, labelSelector: string, signal: AbortSignal): Promise<readonly ConfigMapRecord[]>;
  /** One ConfigMap, or undefined on 404. */
  configMap(namespace: string, name: string, signal: AbortSignal): Promise<ConfigMapRecord | undefined>;
  /** "exists": 409. */
  createConfigMap(namespace: string, configMap: KubeObject, signal: AbortSignal): Promise<ConfigMapRecord | "exists">;
  /** Compare-and-swap of its data, whole: what `data` lacks is removed. */
  replaceConfigMapData(
    before: ConfigMapRecord,
    data: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<ConfigMapRecord | "conflict" | "absent">;
  /** Deletes the ConfigMap, only if it is still the one that was read (uid and resourceVersion). */
  deleteConfigMap(configMap: ConfigMapRecord, signal: AbortSignal): Promise<"deleted" | "absent" | "conflict">;

  /** Deletes the Job with its pods (Foreground, grace 5 s), only if it still has that uid. */
  deleteJob(
    job: Pick<JobRecord, "namespace" | "name" | "uid">,
    signal: AbortSignal,
  ): Promise<"deleted" | "absent" | "conflict">;
  /** Deletes the Secret, only if it still has that uid. */
  deleteSecret(
    secret: Pick<SecretRecord, "namespace" | "name" | "uid">,
    signal: AbortSignal,
  ): Promise<"deleted" | "absent" | "conflict">;
}

/** Labels and annotations to set; null removes one. */
export interface MetadataPatch {
  readonly labels?: Readonly<Record<string, string | null>>;
  readonly annotations?: Readonly<Record<string, string | null>>;
}
