import * as z from "zod";
import type { KubeObject } from "../port.ts";
import type { KubeClient } from "./client.ts";
import { carries, type ReadState } from "./compare-and-swap.ts";
import type { RecordKind } from "./records.ts";
import { RequestError } from "./request-error.ts";

/** An object to be created, and where. */
export interface Creation {
  readonly namespace: string;
  readonly object: KubeObject;
}

/** What is looked at of an object before it is sent. */
const Named = z.object({
  metadata: z.object({
    name: z.string(),
    labels: z.record(z.string(), z.string()).optional(),
    annotations: z.record(z.string(), z.string()).optional(),
  }),
});

/**
 * Creates a named object with one POST that is never sent again once it may have arrived. When no answer comes, the object is read back: if
 * it is there with every label and annotation that was sent, it is the one (each creation attempt carries a name of its own).
 *
 * @throws {RequestError} when the server refuses, or when the object is not there after an unanswered POST, which may still arrive.
 */
export async function createOnce<T extends Pick<ReadState, "labels" | "annotations">>(
  client: KubeClient,
  recordKind: RecordKind<T>,
  creation: Creation,
  signal: AbortSignal,
): Promise<T | "exists"> {
  try {
    return recordKind.read(await client.create(recordKind.kind, creation.namespace, creation.object, signal));
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    if (error.said?.reason === "AlreadyExists") return "exists";
    if (error.outcome === "refused") throw error;
    const made = await readBack(client, recordKind, creation, signal);
    if (made === undefined) throw error;
    return made;
  }
}

async function readBack<T extends Pick<ReadState, "labels" | "annotations">>(
  client: KubeClient,
  { kind, read }: RecordKind<T>,
  { namespace, object }: Creation,
  signal: AbortSignal,
): Promise<T | undefined> {
  const sent = Named.safeParse(object);
  if (!sent.success) return undefined;
  const { name, labels = {}, annotations = {} } = sent.data.metadata;
  const found = await client.get(kind, { namespace, name }, signal);
  if (found === undefined) return undefined;
  const record = read(found);
  return carries(record, { labels, annotations }) ? record : undefined;
}
