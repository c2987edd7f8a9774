import { isObject, type JsonObject } from "../support/json.ts";
import type { OwnMarks } from "./checks.ts";
import { objectAt } from "./kube-object.ts";

/** The Job with this program's labels, annotations and the namespace; the pods that it makes get the labels as well. */
export function markedJob(job: JsonObject, namespace: string, own: OwnMarks): JsonObject {
  const { spec } = job;
  if (!isObject(spec)) return job;
  const template = objectAt(spec, ["template"]);
  const metadata = withText(objectAt(template, ["metadata"]), "labels", own.labels);
  return { ...markedObject(job, namespace, own), spec: { ...spec, template: { ...template, metadata } } };
}

/** The Secret with the same, and with the Job as its owner. */
export function markedSecret(secret: JsonObject, namespace: string, own: OwnMarks, owner: Owner): JsonObject {
  const marked = markedObject(secret, namespace, own);
  const metadata = objectAt(marked, ["metadata"]);
  const others = Array.isArray(metadata.ownerReferences) ? (metadata.ownerReferences as unknown[]) : [];
  return { ...marked, metadata: { ...metadata, ownerReferences: [...others, ownerReference(owner)] } };
}

export interface Owner {
  readonly name: string;
  readonly uid: string;
}

/**
 * Kubernetes deletes the Secret when the Job is gone, not before: `blockOwnerDeletion` would take it from a pod that is still ending,
 * and needs a permission on the Job's finalizers where the API server enforces owner references. Nor is the Job its `controller`: nothing in it
 * manages the Secret.
 */
function ownerReference({ name, uid }: Owner): JsonObject {
  return { apiVersion: "batch/v1", kind: "Job", name, uid };
}

function markedObject(object: JsonObject, namespace: string, own: OwnMarks): JsonObject {
  const metadata = { ...objectAt(object, ["metadata"]), namespace };
  return {
    ...object,
    metadata: withText(withText(metadata, "labels", own.labels), "annotations", own.annotations),
  };
}

function withText(metadata: JsonObject, field: string, added: Readonly<Record<string, string>>): JsonObject {
  if (Object.keys(added).length === 0) return metadata;
  return { ...metadata, [field]: { ...objectAt(metadata, [field]), ...added } };
}
