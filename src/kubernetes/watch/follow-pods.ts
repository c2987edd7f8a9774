import * as z from "zod";
import { BackOff } from "../../support/back-off.ts";
import type { Clock } from "../../support/clock.ts";
import type { Log } from "../../support/log.ts";
import type { Random } from "../../support/random.ts";
import { retry } from "../../support/retry.ts";
import type { KubeClient, Selection } from "../client/client.ts";
import { PODS } from "../client/kind.ts";
import type { Listing } from "../client/list.ts";
import { RequestError } from "../client/request-error.ts";
import type { KubeObject } from "../port.ts";
import { watch } from "./watch.ts";

/** What happened to a pod; the whole pod as the server sent it, of a deleted one its last known state. */
export interface PodChange {
  readonly type: "added" | "modified" | "deleted";
  readonly pod: KubeObject;
}

/** Which pods to follow, and with what. */
export interface FollowOptions extends Selection {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** The longest pause between attempts to list while the server does not answer. */
const LONGEST_PAUSE_MS = 30_000;
const FIRST_PAUSE_MS = 1_000;

/**
 * The pods that a selection holds now, each as "added", and then whatever becomes of them, without end: a listing, a watch that continues
 * from it, and again a listing when the watch cannot be continued. What a listing shows to have happened unseen comes as a change like any
 * other, so for each pod the changes are always: added, any number of times modified, deleted. Failures that pass are waited out.
 *
 * @throws {KubernetesError} when the server refuses (such as 403). @throws the signal's reason.
 */
export async function* followPods(
  client: KubeClient,
  options: FollowOptions,
  signal: AbortSignal,
): AsyncGenerator<PodChange, void> {
  const known = new Map<string, KubeObject>();
  for (;;) {
    const { items, resourceVersion } = await listPatiently(client, options, signal);
    yield* reconcile(known, items);
    for await (const { type, object } of watch(client, PODS, { ...options, resourceVersion }, signal)) {
      const { uid } = identityOf(object);
      const before = known.get(uid);
      if (type === "DELETED") {
        known.delete(uid);
        if (before !== undefined) yield { type: "deleted", pod: object };
      } else {
        known.set(uid, object);
        yield { type: before === undefined ? "added" : "modified", pod: object };
      }
    }
    options.log.debug("Kubernetes has forgotten where the watch of the pods stood; listing them again");
  }
}

/** Brings what is known to what is listed. */
function* reconcile(known: Map<string, KubeObject>, listed: readonly KubeObject[]): Generator<PodChange, void> {
  const gone = new Map(known);
  for (const pod of listed) gone.delete(identityOf(pod).uid);
  for (const [uid, pod] of gone) {
    known.delete(uid);
    yield { type: "deleted", pod };
  }
  for (const pod of listed) {
    const { uid, resourceVersion } = identityOf(pod);
    const before = known.get(uid);
    known.set(uid, pod);
    if (before === undefined) yield { type: "added", pod };
    else if (identityOf(before).resourceVersion !== resourceVersion) yield { type: "modified", pod };
  }
}

function listPatiently(
  client: KubeClient,
  { clock, random, log, ...selection }: FollowOptions,
  signal: AbortSignal,
): Promise<Listing<KubeObject>> {
  const pauses = new BackOff(clock, random, LONGEST_PAUSE_MS);
  const pauseAfter = (error: unknown): number => {
    if (!(error instanceof RequestError && error.transient)) throw error;
    const pauseMs = Math.max(error.retryAfterMs, pauses.fail(FIRST_PAUSE_MS));
    log.warn("Kubernetes does not list the pods; trying again", { cause: error.message, pauseMs });
    return pauseMs;
  };
  return retry(clock, () => client.list(PODS, selection, (pod) => pod, signal), pauseAfter, signal);
}

const Identity = z.object({ metadata: z.object({ uid: z.string(), resourceVersion: z.string() }) });

function identityOf(pod: KubeObject): { readonly uid: string; readonly resourceVersion: string } {
  return Identity.parse(pod).metadata;
}
