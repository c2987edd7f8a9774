import type { ConfigMapRecord } from "../../domain/cluster-objects.ts";
import type { KubeClient } from "./client.ts";
import { swapObject } from "./compare-and-swap.ts";
import { type Creation, createOnce } from "./create-once.ts";
import { CONFIG_MAP_RECORDS, configMapRecord } from "./records.ts";

type Data = ConfigMapRecord["data"];

/** Creates a ConfigMap; one that is there with that very data, after an answer was lost, is the one. @throws {RequestError} */
export async function createConfigMap(
  client: KubeClient,
  creation: Creation,
  signal: AbortSignal,
): Promise<ConfigMapRecord | "exists"> {
  const read = (object: unknown) => ({ ...configMapRecord(object), annotations: {} });
  const made = await createOnce(client, { ...CONFIG_MAP_RECORDS, read }, creation, signal);
  if (made === "exists") return made;
  const { annotations: _, ...record } = made;
  return areSame(record.data, (creation.object.data ?? {}) as Data) ? record : "exists";
}

/**
 * Replaces a ConfigMap's data only if it is still the one that was read: keys that are to go are named as null, as a merge patch wants it
 * (RFC 7386). When an earlier sending went unanswered, the ConfigMap is read, and counts as replaced when its data is what was sent.
 *
 * @throws {RequestError} when the server refuses for another reason, or nothing is certain.
 */
export function replaceData(
  client: KubeClient,
  before: ConfigMapRecord,
  data: Data,
  signal: AbortSignal,
): Promise<ConfigMapRecord | "conflict" | "absent"> {
  const removed = Object.fromEntries(Object.keys(before.data).map((key) => [key, null]));
  const patch = { data: { ...removed, ...data } };
  return swapObject(client, CONFIG_MAP_RECORDS, { before, patch, shows: (after) => areSame(after.data, data) }, signal);
}

/** The server gives keys in an order of its own. */
function areSame(a: Data, b: Data): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
