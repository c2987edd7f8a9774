import { isFinished, type KubeObject, type PodObject, timestamp, withMeta } from "../objects.ts";
import type { Resource } from "../resources.ts";
import { preconditionFailed } from "./api-error.ts";

/** `DeleteOptions`, as sent in a DELETE's body or query. */
export interface DeleteOptions {
  readonly propagationPolicy?: Propagation;
  readonly gracePeriodSeconds?: number;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

export type Propagation = "Background" | "Foreground" | "Orphan";

export const FOREGROUND = "foregroundDeletion";
export const ORPHAN = "orphan";

/** @throws {ApiError} 409 when the object is not the one that the caller means. */
export function checkPreconditions(
  resource: Resource,
  { metadata }: KubeObject,
  { preconditions }: DeleteOptions,
): void {
  const { uid, resourceVersion } = preconditions ?? {};
  if (uid !== undefined && uid !== metadata.uid) {
    throw preconditionFailed(resource, metadata.name, "UID", uid, metadata.uid);
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    throw preconditionFailed(resource, metadata.name, "ResourceVersion", resourceVersion, metadata.resourceVersion);
  }
}

/**
 * The object as a DELETE leaves it: with a deletion time, the finalizers that its propagation asks for, and, for a pod on a node, the time
 * its processes get. What has neither finalizers nor grace goes at once ({@link isGone}).
 */
export function markDeleted(resource: Resource, object: KubeObject, options: DeleteOptions, nowMs: number): KubeObject {
  const graceSeconds = resource.name === "pods" ? podGraceSeconds(object as PodObject, options) : 0;
  const before = object.metadata;
  const finalizers = finalizersFor(resource, object, options);
  const shorter = graceSeconds < (before.deletionGracePeriodSeconds ?? Number.POSITIVE_INFINITY);
  const first = before.deletionTimestamp === undefined;
  return withMeta(object, {
    ...(shorter && {
      deletionTimestamp:
        first || graceSeconds > 0 || resource.name === "pods"
          ? timestamp(nowMs + graceSeconds * 1_000)
          : before.deletionTimestamp,
      deletionGracePeriodSeconds: graceSeconds,
    }),
    ...(resource.hasGeneration && first && { generation: (before.generation ?? 1) + 1 }),
    finalizers: finalizers.length === 0 ? undefined : finalizers,
  });
}

/** Whether nothing holds a deleted object any more. */
export function isGone({ metadata }: KubeObject): boolean {
  return (
    metadata.deletionTimestamp !== undefined &&
    (metadata.finalizers ?? []).length === 0 &&
    (metadata.deletionGracePeriodSeconds ?? 0) === 0
  );
}

/** A pod that runs nowhere, or ended, needs no time to end. */
function podGraceSeconds(pod: PodObject, { gracePeriodSeconds }: DeleteOptions): number {
  if (pod.spec.nodeName === undefined || isFinished(pod)) return 0;
  return gracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30;
}

/** The options decide, then a finalizer that is there already, then the resource's default. */
function finalizersFor(resource: Resource, { metadata }: KubeObject, options: DeleteOptions): readonly string[] {
  const present = metadata.finalizers ?? [];
  const others = present.filter((finalizer) => finalizer !== FOREGROUND && finalizer !== ORPHAN);
  const asked = options.propagationPolicy ?? propagationOf(present) ?? resource.defaultPropagation;
  if (asked === "Foreground") return [...others, FOREGROUND];
  return asked === "Orphan" ? [...others, ORPHAN] : others;
}

function propagationOf(finalizers: readonly string[]): Propagation | undefined {
  if (finalizers.includes(ORPHAN)) return "Orphan";
  return finalizers.includes(FOREGROUND) ? "Foreground" : undefined;
}
