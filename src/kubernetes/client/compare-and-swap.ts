import type { KubeObject, MetadataPatch } from "../port.ts";
import type { KubeClient } from "./client.ts";
import type { RecordKind } from "./records.ts";
import { RequestError } from "./request-error.ts";
import { saysAbsent } from "./status.ts";

/** An object as it was read: the state that a swap starts from. */
export interface ReadState {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** What to change, and from which state on. */
export interface Swap {
  readonly before: ReadState;
  readonly patch: MetadataPatch;
  /** Fields outside of the metadata that change in the same write. */
  readonly others?: KubeObject;
}

/**
 * Changes an object's labels and annotations only if it is still the one that was read: a merge patch that names uid and resourceVersion,
 * which the server answers with 409 when either has moved on (https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-apply).
 *
 * When an earlier sending of the same patch went unanswered, its success looks like a conflict to the next one: then the object is read,
 * and counts as swapped when it carries the whole patch.
 *
 * @throws {RequestError} when neither the swap nor its failure is certain, or the server refuses for another reason.
 */
export async function compareAndSwap<T extends ReadState>(
  client: KubeClient,
  { kind, read }: RecordKind<T>,
  { before, patch, others }: Swap,
  signal: AbortSignal,
): Promise<T | "conflict" | "absent"> {
  return swapObject(
    client,
    { kind, read },
    { before, patch: { ...others, metadata: patch }, shows: (after) => carries(after, patch) },
    signal,
  );
}

/** A swap of any part of an object. */
export interface ObjectSwap<T> {
  readonly before: Pick<ReadState, "namespace" | "name" | "uid" | "resourceVersion">;
  /** A merge patch; uid and resourceVersion are added to its metadata. */
  readonly patch: { readonly metadata?: MetadataPatch } & KubeObject;
  /** Whether an object is as the patch makes it: decides when an earlier sending went unanswered. */
  readonly shows: (after: T) => boolean;
}

/** {@link compareAndSwap} of any part of an object. @throws {RequestError} as it does */
export async function swapObject<T extends Pick<ReadState, "uid">>(
  client: KubeClient,
  { kind, read }: RecordKind<T>,
  { before, patch, shows }: ObjectSwap<T>,
  signal: AbortSignal,
): Promise<T | "conflict" | "absent"> {
  const { namespace, name, uid, resourceVersion } = before;
  const place = { namespace, name };
  try {
    return read(
      await client.patch(kind, place, { ...patch, metadata: { ...patch.metadata, uid, resourceVersion } }, signal),
    );
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    if (saysAbsent(error.said, name)) return "absent";
    if (error.status !== 409) throw error;
    if (!error.earlierOutcomeUnknown) return "conflict";
    const now = await client.get(kind, place, signal);
    if (now === undefined) return "absent";
    const after = read(now);
    return after.uid === uid && shows(after) ? after : "conflict";
  }
}

/** Whether an object shows all that a patch sets, and nothing of what it removes. */
export function carries(
  object: Pick<ReadState, "labels" | "annotations">,
  { labels, annotations }: MetadataPatch,
): boolean {
  return agree(object.labels, labels) && agree(object.annotations, annotations);
}

function agree(
  found: Readonly<Record<string, string>>,
  asked: Readonly<Record<string, string | null>> | undefined,
): boolean {
  return Object.entries(asked ?? {}).every(([key, value]) => (found[key] ?? null) === value);
}
