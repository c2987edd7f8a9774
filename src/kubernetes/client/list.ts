import * as z from "zod";
import type { KubeObject } from "../port.ts";
import { noResponse } from "./failures.ts";
import type { Kind } from "./kind.ts";
import { RequestError } from "./request-error.ts";
import { type KubeRequest, type RequestOptions, sendRequest } from "./send-request.ts";

/** Everything that was asked for, as it was at one moment. */
export interface Listing<T> {
  readonly items: readonly T[];
  /** That moment; opaque. A watch continues from it. */
  readonly resourceVersion: string;
}

/** Which objects of a kind to list, and what to keep of each. */
export interface WhatToList<T> {
  /** All namespaces when absent. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly keep: (item: KubeObject) => T;
}

const PAGE_SIZE = 500;
/** How often a listing that took longer than the server keeps its history is started over. */
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
 * @throws {RequestError} when any page fails: a part of a listing is none.
 */
export async function listPages<T>(
  options: RequestOptions,
  kind: Kind,
  { namespace, labelSelector, keep }: WhatToList<T>,
  signal: AbortSignal,
): Promise<Listing<T>> {
  const request: KubeRequest = { verb: "list", kind, namespace };
  const filter: Record<string, string> = labelSelector === undefined ? {} : { labelSelector };
  for (let start = 1; ; start += 1) {
    const query = start < MOST_STARTS ? { ...filter, limit: String(PAGE_SIZE) } : filter;
    try {
      return await onePass(options, { ...request, query }, keep, signal);
    } catch (error) {
      if (start < MOST_STARTS && error instanceof RequestError && error.status === 410) continue;
      throw error;
    }
  }
}

async function onePass<T>(
  options: RequestOptions,
  request: KubeRequest,
  keep: (item: KubeObject) => T,
  signal: AbortSignal,
): Promise<Listing<T>> {
  const items: T[] = [];
  const seen = new Set<string>();
  let next = "";
  for (;;) {
    const query = { ...request.query, ...(next !== "" && { continue: next }) };
    const { body } = await sendRequest(options, { ...request, query }, signal);
    const page = Page.safeParse(body);
    if (!page.success)
      throw noResponse(request, options.server, new Error("the reply is not a list of Kubernetes objects"));
    for (const item of page.data.items ?? []) items.push(keep(item));
    next = page.data.metadata.continue;
    if (next === "") return { items, resourceVersion: page.data.metadata.resourceVersion };
    if (seen.has(next))
      throw noResponse(request, options.server, new Error("the pages of the list go round in a circle"));
    seen.add(next);
  }
}
