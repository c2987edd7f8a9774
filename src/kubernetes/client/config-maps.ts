import type { ConfigMapRecord } from "../../domain/cluster-objects.ts";
import type { KubeClient } from "./client.ts";
import { type Creation, createOnce } from "./create-once.ts";
import { CONFIG_MAPS } from "./kind.ts";
import { CONFIG_MAP_RECORDS, configMapRecord } from "./records.ts";
import { RequestError } from "./request-error.ts";
import { saysAbsent } from "./status.ts";

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
export async function replaceData(
  client: KubeClient,
  { namespace, name, uid, resourceVersion, data: before }: ConfigMapRecord,
  data: Data,
  signal: AbortSignal,
): Promise<ConfigMapRecord | "conflict" | "absent"> {
  const place = { namespace, name };
  const removed = Object.fromEntries(Object.keys(before).map((key) => [key, null]));
  const patch = { metadata: { uid, resourceVersion }, data: { ...removed, ...data } };
  try {
    return configMapRecord(await client.patch(CONFIG_MAPS, place, patch, signal));
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    if (saysAbsent(error.said, name)) return "absent";
    if (error.status !== 409) throw error;
    if (!error.earlierOutcomeUnknown) return "conflict";
    const now = await client.get(CONFIG_MAPS, place, signal);
    if (now === undefined) return "absent";
    const after = configMapRecord(now);
    return after.uid === uid && areSame(after.data, data) ? after : "conflict";
  }
}

/** The server gives keys in an order of its own. */
function areSame(a: Data, b: Data): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
