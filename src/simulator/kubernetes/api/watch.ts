import { TransportError } from "../../../http/transport.ts";
import { type Random, randomBetween } from "../../../support/random.ts";
import { type KubeObject, withMeta } from "../objects.ts";
import { apiVersionOf, type Resource } from "../resources.ts";
import type { Change, Store } from "../store.ts";
import type { Timers } from "../timers.ts";
import { ApiError, expired } from "./api-error.ts";
import { selectorOf, wholeNumber } from "./list.ts";
import type { Selector } from "./selectors.ts";

/** What a watch needs of the world. */
export interface WatchSource {
  readonly store: Store;
  readonly timers: Timers;
  readonly random: Random;
  /** How to end each watch that is open. */
  readonly open: Set<() => void>;
}

/** What a client asked to watch. */
export interface WatchRequest {
  readonly resource: Resource;
  readonly namespace: string | undefined;
  readonly query: URLSearchParams;
  /** How the client wants to see an object. */
  readonly represent: (object: KubeObject) => unknown;
  readonly signal: AbortSignal | undefined;
  /** How it learns that its resourceVersion is too old: a real server sends an ERROR event; clients must bear a plain 410 as well. */
  readonly tooOld: "event" | "status";
}

/** How long a watch lasts whose client does not say, as on a real server. */
const DEFAULT_TIMEOUT_MS = [1_800_000, 3_600_000] as const;
/** A watch that asks for bookmarks learns of writes it does not see within this time. */
const BOOKMARK_AFTER_MS = 60_000;
/** A client that reads this little is cut off. */
const LONGEST_BACKLOG = 10_000;

/**
 * The body of a watch: one JSON line an event, from the moment of the call. It ends after `timeoutSeconds` of the world's time, and breaks
 * with a {@link TransportError} when the client's signal aborts.
 *
 * @throws {ApiError} 400, 410 (`tooOld: "status"`) or 500, before anything is streamed.
 */
export function watchBody(source: WatchSource, request: WatchRequest): AsyncIterable<string> {
  const { resource, namespace, query, represent } = request;
  const { store, timers, random } = source;
  const selector = selectorOf(resource, query);
  const version = versionOf(query);
  const timeoutSeconds = wholeNumber(query.get("timeoutSeconds"), "strconv.ParseInt");
  const bookmarks = query.get("allowWatchBookmarks") === "true" || query.get("allowWatchBookmarks") === "1";
  const events = new Lines();
  const send = (type: string, object: unknown) => events.push(`${JSON.stringify({ type, object })}\n`);

  const begin = version === 0 ? store.revision : version;
  const missed = version === 0 ? [] : store.changesAfter(version);
  if (missed === undefined) {
    const message = `too old resource version: ${version} (${store.revision})`;
    const error = expired(
      request.tooOld === "event" ? message : "The resourceVersion for the provided watch is too old.",
    );
    if (request.tooOld === "status") throw error;
    send("ERROR", error.status());
    events.end();
    return events;
  }

  const bookmark = (annotations?: Readonly<Record<string, string>>) =>
    send("BOOKMARK", {
      kind: resource.kind,
      apiVersion: apiVersionOf(resource),
      metadata: { resourceVersion: String(store.revision), ...(annotations && { annotations }) },
    });
  const pass = (change: Change): boolean => {
    if (change.resource !== resource || change.revision <= begin) return false;
    if (namespace !== undefined && change.object.metadata.namespace !== namespace) return false;
    const event = seenThrough(selector, change);
    if (event !== undefined) send(event.type, represent(event.object));
    return event !== undefined;
  };
  if (version === 0) {
    for (const object of store.list(resource, namespace)) if (selector(object)) send("ADDED", represent(object));
    if (bookmarks) bookmark({ "k8s.io/initial-events-end": "true" });
  }
  missed.forEach(pass);

  // Armed only while there is something to tell: an idle cluster wakes nobody.
  let disarm: (() => void) | undefined;
  const unsubscribe = store.onChange((change) => {
    if (pass(change) || !bookmarks) return;
    disarm ??= timers.after(BOOKMARK_AFTER_MS, () => {
      disarm = undefined;
      bookmark();
    });
  });
  const end = () => events.end();
  const timeoutMs = timeoutSeconds > 0 ? timeoutSeconds * 1_000 : randomBetween(random, DEFAULT_TIMEOUT_MS);
  const cancelTimeout = timers.after(timeoutMs, end);
  const abort = () =>
    events.break(new TransportError("the watch was aborted", "maybe", { cause: request.signal?.reason }));
  request.signal?.addEventListener("abort", abort, { once: true });
  source.open.add(end);
  events.onEnd = () => {
    source.open.delete(end);
    unsubscribe();
    cancelTimeout();
    disarm?.();
    request.signal?.removeEventListener("abort", abort);
  };
  return events;
}

/** Revision to go on from; 0: begin with what there is. */
function versionOf(query: URLSearchParams): number {
  const text = query.get("resourceVersion") ?? "";
  if (text === "") return 0;
  if (/^\d+$/.test(text)) return Number(text);
  const quoted = JSON.stringify(text);
  throw new ApiError(
    500,
    undefined,
    `resourceVersion: Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: invalid syntax`,
  );
}

/** A change as it looks through a selector: what leaves it is deleted (as it last looked), what enters it is added. */
function seenThrough(
  selector: Selector,
  { type, object, previous }: Change,
): Pick<Change, "type" | "object"> | undefined {
  const after = type !== "DELETED" && selector(object);
  const before = previous !== undefined && selector(previous);
  if (after) return { type: before ? "MODIFIED" : "ADDED", object };
  if (!before) return undefined;
  if (type === "DELETED") return { type, object };
  return { type: "DELETED", object: withMeta(previous, { resourceVersion: object.metadata.resourceVersion }) };
}

/** Lines on their way to one reader. */
class Lines implements AsyncIterable<string>, AsyncIterator<string> {
  onEnd: () => void = () => undefined;
  #lines: string[] = [];
  #ended = false;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  push(line: string): void {
    if (this.#ended) return;
    this.#lines.push(line);
    if (this.#lines.length > LONGEST_BACKLOG) this.end();
    this.#wake?.();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.onEnd();
    this.#wake?.();
  }

  break(failure: Error): void {
    this.#failure = failure;
    this.end();
  }

  async next(): Promise<IteratorResult<string, undefined>> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#lines.length > 0) {
        const value = this.#lines.join("");
        this.#lines = [];
        return { done: false, value };
      }
      if (this.#ended) return { done: true, value: undefined };
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async return(): Promise<IteratorResult<string, undefined>> {
    this.end();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
