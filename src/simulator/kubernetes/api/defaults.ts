import { qosClass } from "../nodes/pod-resources.ts";
import { type ContainerSpec, type KubeObject, type ObjectMeta, timestamp } from "../objects.ts";
import type { Resource } from "../resources.ts";
import type { Draft } from "./decode.ts";
import { isRecord } from "./selectors.ts";

type Fields = Readonly<Record<string, unknown>>;

/** What the server decides about a new object, not the client. */
export interface Birth {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly uid: string;
  readonly nowMs: number;
}

/** A new object as it will be stored: server-set metadata, defaults filled in, fields of the server's own reset. Everything else stays. */
export function completed(resource: Resource, draft: Draft, birth: Birth): KubeObject {
  const { deletionTimestamp: _, deletionGracePeriodSeconds: __, selfLink: ___, ...sent } = draft.metadata;
  const metadata: ObjectMeta = {
    ...withoutNulls(sent),
    name: birth.name,
    ...(birth.namespace !== undefined && { namespace: birth.namespace }),
    uid: birth.uid,
    resourceVersion: "",
    ...(resource.hasGeneration && { generation: 1 }),
    creationTimestamp: timestamp(birth.nowMs),
  };
  const { apiVersion, kind, metadata: _sent, ...rest } = draft;
  return withContentDefaults(resource, {
    apiVersion: String(apiVersion),
    kind: String(kind),
    metadata,
    ...rest,
    ...(resource.hasStatus && { status: undefined }),
  });
}

function withContentDefaults(resource: Resource, object: KubeObject): KubeObject {
  switch (resource.name) {
    case "secrets":
      return secretDefaults(object);
    case "jobs":
      return jobDefaults(object);
    case "pods":
      return podDefaults(object);
    case "namespaces":
      return {
        ...object,
        metadata: {
          ...object.metadata,
          labels: { ...object.metadata.labels, "kubernetes.io/metadata.name": object.metadata.name },
        },
        spec: { ...asFields(object.spec), finalizers: ["kubernetes"] },
        status: { phase: "Active" },
      };
    case "nodes":
      return { ...object, spec: asFields(object.spec), status: { allocatable: {}, capacity: {}, conditions: [] } };
    case "events":
      return {
        source: {},
        firstTimestamp: null,
        lastTimestamp: null,
        eventTime: null,
        reportingComponent: "",
        reportingInstance: "",
        ...object,
      };
    case "configmaps":
    case "serviceaccounts":
    case "leases":
      return object;
  }
}

/** `stringData` is written into `data`; the type defaults to Opaque. On updates as well as on creation. */
export function secretDefaults(object: KubeObject): KubeObject {
  const { stringData, ...rest } = object;
  if (!isRecord(stringData)) return { type: "Opaque", ...rest };
  const encoded = Object.entries(stringData).map(
    ([key, text]) => [key, Buffer.from(String(text)).toString("base64")] as const,
  );
  return { type: "Opaque", ...rest, data: { ...asFields(rest.data), ...Object.fromEntries(encoded) } };
}

function jobDefaults(object: KubeObject): KubeObject {
  const { uid, name } = object.metadata;
  const spec = asFields(object.spec);
  const template = asFields(spec.template);
  const templateMeta = asFields(template.metadata);
  const labels = {
    ...asFields(templateMeta.labels),
    "batch.kubernetes.io/controller-uid": uid,
    "batch.kubernetes.io/job-name": name,
    "controller-uid": uid,
    "job-name": name,
  };
  const parallelism = spec.parallelism ?? 1;
  const completions = spec.completions ?? (spec.parallelism === undefined ? 1 : undefined);
  const ownLabels = object.metadata.labels ?? {};
  return {
    ...object,
    // A Job without labels of its own gets its template's.
    metadata: Object.keys(ownLabels).length > 0 ? object.metadata : { ...object.metadata, labels },
    spec: {
      completionMode: "NonIndexed",
      suspend: false,
      podReplacementPolicy: "TerminatingOrFailed",
      backoffLimit: 6,
      manualSelector: false,
      ...withoutNulls(spec),
      parallelism,
      ...(completions !== undefined && { completions }),
      selector: {
        ...asFields(spec.selector),
        matchLabels: { ...asFields(asFields(spec.selector).matchLabels), "batch.kubernetes.io/controller-uid": uid },
      },
      template: {
        ...template,
        metadata: { ...templateMeta, labels },
        spec: podSpecDefaults(asFields(template.spec), "template"),
      },
    },
    status: {},
  };
}

function podDefaults(object: KubeObject): KubeObject {
  const spec = podSpecDefaults(asFields(object.spec), "pod");
  return {
    ...object,
    spec,
    status: { phase: "Pending", qosClass: qosClass(spec.containers as readonly ContainerSpec[]) },
  };
}

/** A template's restart policy has no default that a Job may have, so it stays empty there and is refused. */
function podSpecDefaults(spec: Fields, where: "pod" | "template"): Fields {
  return {
    terminationGracePeriodSeconds: 30,
    dnsPolicy: "ClusterFirst",
    securityContext: {},
    schedulerName: "default-scheduler",
    ...(where === "pod" && { restartPolicy: "Always" }),
    ...withoutNulls(spec),
    containers: asList(spec.containers).map(containerDefaults),
    ...(spec.initContainers !== undefined && { initContainers: asList(spec.initContainers).map(containerDefaults) }),
    ...(where === "pod" && { serviceAccountName: spec.serviceAccountName ?? "default" }),
  };
}

function containerDefaults(value: unknown): Fields {
  const container = asFields(value);
  const resources = asFields(container.resources);
  const limits = asFields(resources.limits);
  const image = typeof container.image === "string" ? container.image : "";
  const floating = image.endsWith(":latest") || !/[:@][^/]*$/.test(image);
  return {
    terminationMessagePath: "/dev/termination-log",
    terminationMessagePolicy: "File",
    imagePullPolicy: floating ? "Always" : "IfNotPresent",
    ...withoutNulls(container),
    // What has a limit and no request requests its limit.
    resources:
      Object.keys(limits).length === 0
        ? resources
        : { ...resources, requests: { ...limits, ...asFields(resources.requests) } },
  };
}

function asFields(value: unknown): Fields {
  return isRecord(value) ? value : {};
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

/** A field that is null counts as one that was not sent. */
function withoutNulls(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}
