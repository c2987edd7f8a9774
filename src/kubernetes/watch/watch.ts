import * as z from "zod";
import { BackOff } from "../../support/back-off.ts";
import { type Clock, reasonOf } from "../../support/clock.ts";
import { abortable, follow } from "../../support/deadline.ts";
import { messageOf } from "../../support/errors.ts";
import type { Log } from "../../support/log.ts";
import type { Random } from "../../support/random.ts";
import type { KubeClient, Selection } from "../client/client.ts";
import type { Kind } from "../client/kind.ts";
import { RequestError } from "../client/request-error.ts";
import { readStatus } from "../client/status.ts";
import { KubernetesError } from "../errors.ts";
import type { KubeObject } from "../port.ts";
import { jsonLines } from "./json-lines.ts";

/** One change of one object, which is given as it is after the change (before it, when deleted). */
export interface WatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: KubeObject;
}

/** What to watch, and with what. */
export interface WatchOptions extends Selection {
  /** Where to continue from: a listing's. */
  readonly resourceVersion: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Each connection lasts between this and twice as long, so that many watchers do not come back at once. */
const SHORTEST_CONNECTION_S = 240;
/** A server with nothing to tell sends a bookmark about once a minute; longer silence means that the connection is dead. */
const STALL_MS = 90_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** After a connection that did its work: it brought something, or had nothing to bring for this long. */
const SHORT_PAUSE_MS = 100;
const QUIET_MS = 10_000;

/**
 * What happens to the selected objects, from a resourceVersion on, over as many connections as it takes: a connection that ends, breaks,
 * goes silent or is cut within an event is followed by another one, after a pause, from the last event seen. Ends only when the server no
 * longer knows what happened since then (410, as a status or as an event): list again and start over.
 *
 * @throws {KubernetesError} when the server refuses the watch. @throws the signal's reason.
 */
export async function* watch(
  client: KubeClient,
  kind: Kind,
  options: WatchOptions,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent, void> {
  const { clock, random, log } = options;
  const pauses = new BackOff(clock, random, LONGEST_PAUSE_MS);
  let resourceVersion = options.resourceVersion;
  for (;;) {
    const openedAt = clock.monotonic();
    let served = false;
    let askedPauseMs = 0;
    try {
      for await (const event of oneConnection(client, kind, { ...options, resourceVersion }, signal)) {
        served = true;
        resourceVersion = event.object.metadata.resourceVersion;
        if (event.type !== "BOOKMARK") yield { type: event.type, object: event.object };
      }
      served ||= clock.monotonic() - openedAt >= QUIET_MS;
    } catch (cause) {
      if (signal.aborted) throw reasonOf(signal);
      if (cause instanceof HistoryGone || (cause instanceof RequestError && cause.status === 410)) return;
      if (cause instanceof KubernetesError && !(cause instanceof RequestError && cause.transient)) throw cause;
      askedPauseMs = cause instanceof RequestError ? cause.retryAfterMs : 0;
      log.debug("Kubernetes watch broke off", { resource: kind.resource, cause: messageOf(cause) });
    }
    if (served) pauses.succeed();
    const pauseMs = served ? SHORT_PAUSE_MS * (1 + random.next()) : pauses.fail(FIRST_PAUSE_MS);
    await clock.sleep(Math.max(pauseMs, askedPauseMs), signal);
  }
}

/** The server has forgotten what happened since the version that was asked for. */
class HistoryGone extends Error {
  override readonly name = "HistoryGone";
}

const ObjectEvent = z.object({
  type: z.enum(["ADDED", "MODIFIED", "DELETED", "BOOKMARK"]),
  object: z.looseObject({ metadata: z.looseObject({ resourceVersion: z.string().min(1) }) }),
});

/** The events of a single connection. @throws {HistoryGone} @throws Error for an event that is an error, or none at all */
async function* oneConnection(
  client: KubeClient,
  kind: Kind,
  { clock, random, namespace, labelSelector, resourceVersion }: WatchOptions,
  signal: AbortSignal,
): AsyncGenerator<z.infer<typeof ObjectEvent>, void> {
  const connection = new AbortController();
  const release = follow(signal, connection);
  const life = stallGuard(clock, connection);
  const timeoutSeconds = Math.round(SHORTEST_CONNECTION_S * (1 + random.next()));
  try {
    const selection = { namespace, labelSelector, resourceVersion, timeoutSeconds };
    const pieces = await abortable(client.watch(kind, selection, connection.signal), connection.signal);
    for await (const line of jsonLines(untilAborted(pieces, connection.signal))) {
      life.sign();
      yield readEvent(line);
    }
  } finally {
    release();
    connection.abort();
  }
}

function readEvent(line: unknown): z.infer<typeof ObjectEvent> {
  const event = ObjectEvent.safeParse(line);
  if (event.success) return event.data;
  const status = z.object({ type: z.literal("ERROR"), object: z.unknown() }).safeParse(line).data;
  const said = readStatus(status?.object);
  if (said?.code === 410) throw new HistoryGone(said.message);
  throw new Error(said?.message ?? "the watch sent something that is not an event");
}

/** Aborts the connection when no sign of life came for too long. Stops with the connection. */
function stallGuard(clock: Clock, connection: AbortController): { sign(): void } {
  let lastSignAt = clock.monotonic();
  const guard = async () => {
    while (!connection.signal.aborted) {
      const leftMs = lastSignAt + STALL_MS - clock.monotonic();
      if (leftMs <= 0) return connection.abort(new Error(`no sign of life for ${STALL_MS / 1000} s`));
      await clock.pause(leftMs, connection.signal);
    }
  };
  void guard();
  return {
    sign() {
      lastSignAt = clock.monotonic();
    },
  };
}

/** The pieces until the signal aborts, whether their source listens to it or not. */
async function* untilAborted(pieces: AsyncIterable<string>, signal: AbortSignal): AsyncGenerator<string, void> {
  const iterator = pieces[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await abortable(iterator.next(), signal);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    // Not awaited: a source that hangs would hang its reader; nobody is left to handle its failure.
    iterator.return?.().catch(() => {});
  }
}
