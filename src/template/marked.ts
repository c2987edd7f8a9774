import type { OwnMarks } from "./checks.ts";
import { isObject, objectAt, type PlainObject } from "./kube-object.ts";

/** The Job with this program's labels, annotations and the namespace; the pods that it makes get the labels as well. */
export function markedJob(job: PlainObject, namespace: string, own: OwnMarks): PlainObject {
  const { spec } = job;
  if (!isObject(spec)) return job;
  const template = objectAt(spec, ["template"]);
  const metadata = withText(objectAt(template, ["metadata"]), "labels", own.labels);
  return { ...markedObject(job, namespace, own), spec: { ...spec, template: { ...template, metadata } } };
}

/** The Secret with the same, and with the Job as its owner. */
export function markedSecret(secret: PlainObject, namespace: string, own: OwnMarks, owner: Owner): PlainObject {
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
function ownerReference({ name, uid }: Owner): PlainObject {
  return { apiVersion: "batch/v1", kind: "Job", name, uid };
}

function markedObject(object: PlainObject, namespace: string, own: OwnMarks): PlainObject {
  const metadata = { ...objectAt(object, ["metadata"]), namespace };
  return {
    ...object,
    metadata: withText(withText(metadata, "labels", own.labels), "annotations", own.annotations),
  };
}

function withText(metadata: PlainObject, field: string, added: Readonly<Record<string, string>>): PlainObject {
  if (Object.keys(added).length === 0) return metadata;
  return { ...metadata, [field]: { ...objectAt(metadata, [field]), ...added } };
}
