import * as z from "zod";
import type { KubeObject } from "../port.ts";
import { noReply } from "./failures.ts";
import type { Kind } from "./kind.ts";
import { CallError } from "./request-error.ts";
import { type Call, exchange, type Line } from "./send-request.ts";

/** Everything that was asked for, as it was at one moment. */
export interface Listing<T> {
  readonly items: readonly T[];
  /** That moment; opaque. A watch goes on from it. */
  readonly resourceVersion: string;
}

const PAGE_SIZE = 500;
/** How often a listing that took longer than the server keeps its history is begun anew. */
const MOST_STARTS = 3;

const Page = z.object({
  kind: z.string().endsWith("List"),
  metadata: z.object({ resourceVersion: z.string().default(""), continue: z.string().default("") }),
  items: z.array(z.record(z.string(), z.unknown())).nullish(),
});

/**
 * Lists in pages of 500 without asking for a resourceVersion: what the quorum holds now, and each further page of that same state
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks). Where the server has forgotten
 * that state half-way (410), the listing starts over, the last time in one piece.
 *
 * @throws {CallError} when any page fails: a part of a listing is none.
 */
export async function listPages<T>(
  line: Line,
  kind: Kind,
  selection: { readonly namespace?: string | undefined; readonly labelSelector?: string | undefined },
  keep: (item: KubeObject) => T,
  signal: AbortSignal,
): Promise<Listing<T>> {
  const { namespace, labelSelector } = selection;
  const call: Call = { verb: "list", kind, namespace };
  const filter: Record<string, string> = labelSelector === undefined ? {} : { labelSelector };
  for (let start = 1; ; start += 1) {
    const query = start < MOST_STARTS ? { ...filter, limit: String(PAGE_SIZE) } : filter;
    try {
      return await onePass(line, { ...call, query }, keep, signal);
    } catch (error) {
      if (start < MOST_STARTS && error instanceof CallError && error.status === 410) continue;
      throw error;
    }
  }
}

async function onePass<T>(
  line: Line,
  call: Call,
  keep: (item: KubeObject) => T,
  signal: AbortSignal,
): Promise<Listing<T>> {
  const items: T[] = [];
  const seen = new Set<string>();
  let next = "";
  for (;;) {
    const query = { ...call.query, ...(next !== "" && { continue: next }) };
    const { body } = await exchange(line, { ...call, query }, signal);
    const page = Page.safeParse(body);
    if (!page.success) throw noReply(call, line.server, new Error("the reply is not a list of Kubernetes objects"));
    for (const item of page.data.items ?? []) items.push(keep(item));
    next = page.data.metadata.continue;
    if (next === "") return { items, resourceVersion: page.data.metadata.resourceVersion };
    if (seen.has(next)) throw noReply(call, line.server, new Error("the pages of the list go round in a circle"));
    seen.add(next);
  }
}
