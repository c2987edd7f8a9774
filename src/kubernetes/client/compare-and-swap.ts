import type { KubeObject, MetadataPatch } from "../port.ts";
import type { KubeClient } from "./client.ts";
import type { Kind } from "./kind.ts";
import { CallError } from "./request-error.ts";
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

/**
 * Changes an object's labels and annotations only if it is still the one that was read: a merge patch that names uid and resourceVersion,
 * which the server answers with 409 when either has moved on (https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-apply).
 *
 * @param others fields outside of the metadata that change in the same write
 *
 * When an earlier sending of the same patch went unanswered, its success looks like a conflict to the next one: then the object is read,
 * and counts as swapped when it carries all the marks.
 *
 * @throws {CallError} when neither the swap nor its failure is certain, or the server refuses for another reason.
 */
export async function compareAndSwap<T extends ReadState>(
  client: KubeClient,
  kind: Kind,
  before: ReadState,
  marks: MetadataPatch,
  read: (object: unknown) => T,
  signal: AbortSignal,
  others: KubeObject = {},
): Promise<T | "conflict" | "absent"> {
  const place = { namespace: before.namespace, name: before.name };
  const { uid, resourceVersion } = before;
  const patch = { ...others, metadata: { ...marks, uid, resourceVersion } };
  try {
    return read(await client.patch(kind, place, patch, signal));
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    if (saysAbsent(error.said, before.name)) return "absent";
    if (error.status !== 409) throw error;
    if (!error.mayBeEcho) return "conflict";
    const now = await client.get(kind, place, signal);
    if (now === undefined) return "absent";
    const after = read(now);
    return after.uid === before.uid && carries(after, marks) ? after : "conflict";
  }
}

/** Whether an object shows all that the marks set, and nothing of what they removed. */
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
