/** One kind of object that the API serves, and how it differs from the others. */
export interface Resource {
  /** The plural in the path. */
  readonly name: ResourceName;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly kind: string;
  /** "" is the core group. */
  readonly group: "" | "batch" | "coordination.k8s.io";
  readonly namespaced: boolean;
  /** `status` is written through its own subresource only. */
  readonly hasStatus: boolean;
  /** `metadata.generation` counts the changes of `spec`. */
  readonly hasGeneration: boolean;
  /** What a DELETE does to dependants when it does not say. Jobs: Orphan, for the sake of old clients. */
  readonly defaultPropagation: "Background" | "Orphan";
  /** DELETE answers with the object even when it is gone at once. */
  readonly returnsDeleted: boolean;
  /** PUT makes the object when it is absent, and wants a resourceVersion when it is there (Leases). */
  readonly createOnUpdate: boolean;
  /** Deleting many by one request is offered. */
  readonly deletesCollections: boolean;
  /** Field selectors beyond metadata.name and metadata.namespace, as paths. */
  readonly fields: readonly string[];
}

export const RESOURCE_NAMES = [
  "namespaces",
  "nodes",
  "pods",
  "secrets",
  "configmaps",
  "serviceaccounts",
  "events",
  "jobs",
  "leases",
] as const;

export type ResourceName = (typeof RESOURCE_NAMES)[number];

const plain = {
  shortNames: [],
  group: "",
  namespaced: true,
  hasStatus: false,
  hasGeneration: false,
  defaultPropagation: "Background",
  returnsDeleted: false,
  createOnUpdate: false,
  deletesCollections: true,
  fields: [],
} as const;

/** The resources of this world, by plural name. */
export const RESOURCES: Readonly<Record<ResourceName, Resource>> = {
  namespaces: {
    ...plain,
    name: "namespaces",
    singular: "namespace",
    shortNames: ["ns"],
    kind: "Namespace",
    namespaced: false,
    hasStatus: true,
    deletesCollections: false,
    fields: ["status.phase"],
  },
  nodes: {
    ...plain,
    name: "nodes",
    singular: "node",
    shortNames: ["no"],
    kind: "Node",
    namespaced: false,
    hasStatus: true,
    fields: ["spec.unschedulable"],
  },
  pods: {
    ...plain,
    name: "pods",
    singular: "pod",
    shortNames: ["po"],
    kind: "Pod",
    hasStatus: true,
    hasGeneration: true,
    returnsDeleted: true,
    fields: ["spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "status.phase"],
  },
  secrets: { ...plain, name: "secrets", singular: "secret", kind: "Secret", fields: ["type"] },
  configmaps: { ...plain, name: "configmaps", singular: "configmap", shortNames: ["cm"], kind: "ConfigMap" },
  serviceaccounts: {
    ...plain,
    name: "serviceaccounts",
    singular: "serviceaccount",
    shortNames: ["sa"],
    kind: "ServiceAccount",
    returnsDeleted: true,
  },
  events: {
    ...plain,
    name: "events",
    singular: "event",
    shortNames: ["ev"],
    kind: "Event",
    fields: [
      "involvedObject.kind",
      "involvedObject.namespace",
      "involvedObject.name",
      "involvedObject.uid",
      "involvedObject.apiVersion",
      "involvedObject.fieldPath",
      "reason",
      "type",
    ],
  },
  jobs: {
    ...plain,
    name: "jobs",
    singular: "job",
    kind: "Job",
    group: "batch",
    hasStatus: true,
    hasGeneration: true,
    defaultPropagation: "Orphan",
    fields: ["status.successful"],
  },
  leases: {
    ...plain,
    name: "leases",
    singular: "lease",
    kind: "Lease",
    group: "coordination.k8s.io",
    createOnUpdate: true,
  },
};

/** `v1`, `batch/v1`, …: every group here has the one version. */
export function apiVersionOf(resource: Resource): string {
  return resource.group === "" ? "v1" : `${resource.group}/v1`;
}

/** The resource that an owner reference points at; undefined for kinds this world does not have. */
export function resourceOf(apiVersion: string, kind: string): Resource | undefined {
  return Object.values(RESOURCES).find((resource) => resource.kind === kind && apiVersionOf(resource) === apiVersion);
}
