import type { Send } from "../../http/transport.ts";
import type { Clock } from "../../support/clock.ts";
import { type Log, silentLog } from "../../support/log.ts";
import type { Random } from "../../support/random.ts";
import { type Credentials, fixedCredentials } from "../auth/credentials.ts";
import type { KubeObject } from "../port.ts";
import type { Kind, Target } from "./kind.ts";
import { type Listing, listPages } from "./list.ts";
import { CallError } from "./request-error.ts";
import { exchange, type Line, openStream, type RequestFacts } from "./send-request.ts";
import { saysAbsent } from "./status.ts";
import { warningLog } from "./warnings.ts";

/** Where one object is. */
export interface ObjectPlace {
  readonly namespace?: string;
  readonly name: string;
}

/** Which objects of a kind are meant. */
export interface Selection {
  /** All namespaces when absent. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
}

/**
 * A thin client: raw JSON in and out, objects sent with every field they have. Reads, patches and deletions are repeated after failures
 * that pass; creations only when the server certainly did not act on them. Each method throws {@link CallError} (or another
 * {@link KubernetesError} when there are no credentials), or the signal's reason.
 */
export interface KubeClient {
  /** Undefined when the server says that this object is not there. */
  get(kind: Kind, place: ObjectPlace, signal: AbortSignal): Promise<KubeObject | undefined>;
  /** Everything that the selection holds, read page by page from one consistent state; `keep` trims each object at once. */
  list<T>(kind: Kind, selection: Selection, keep: (item: KubeObject) => T, signal: AbortSignal): Promise<Listing<T>>;
  /** Gives the object as the server stored it. */
  create(kind: Kind, namespace: string | undefined, object: KubeObject, signal: AbortSignal): Promise<KubeObject>;
  /** A JSON merge patch (RFC 7386). It must hold `metadata.resourceVersion`, which makes it a compare-and-swap and safe to repeat. */
  patch(kind: Kind, place: ObjectPlace, patch: KubeObject, signal: AbortSignal): Promise<KubeObject>;
  /** `options`: a DeleteOptions, with a uid as precondition, which makes it safe to repeat. */
  delete(kind: Kind, place: ObjectPlace, options: KubeObject, signal: AbortSignal): Promise<void>;
  /** Opens one watch connection with one sending and gives its raw text; see watch.ts for the whole of it. */
  watch(
    kind: Kind,
    selection: Selection & { readonly resourceVersion: string; readonly timeoutSeconds: number },
    signal: AbortSignal,
  ): Promise<AsyncIterable<string>>;
}

/** What a client is made of. */
export interface ClientParts {
  /** The API server's URL, with a path where it has one. */
  readonly server: string;
  readonly send: Send;
  readonly clock: Clock;
  readonly random: Random;
  /** Anonymous when absent. */
  readonly credentials?: Credentials;
  /** Gets the server's warnings. */
  readonly log?: Log;
  /** Told of every reply, and of every failure to get one: for metrics. */
  readonly onRequest?: (request: RequestFacts) => void;
}

/** A client over anything that answers HTTP requests: a real server, or a simulated one in memory. */
export function kubeClient(parts: ClientParts): KubeClient {
  const line: Line = { credentials: fixedCredentials({}), onRequest: () => {}, ...parts };
  const warn = warningLog(parts.log ?? silentLog);
  const write = async (target: Target, body: KubeObject, signal: AbortSignal) => {
    const reply = await exchange(line, { ...target, body }, signal);
    warn(target, reply.headers);
    return reply.body;
  };
  return {
    async get(kind, place, signal) {
      try {
        return (await exchange(line, { verb: "get", kind, ...place }, signal)).body;
      } catch (error) {
        if (error instanceof CallError && saysAbsent(error.said, place.name)) return undefined;
        throw error;
      }
    },
    list: (kind, selection, keep, signal) => listPages(line, kind, selection, keep, signal),
    create: (kind, namespace, object, signal) => write({ verb: "create", kind, namespace }, object, signal),
    patch: (kind, place, patch, signal) => write({ verb: "patch", kind, ...place }, patch, signal),
    async delete(kind, place, options, signal) {
      await write({ verb: "delete", kind, ...place }, options, signal);
    },
    watch(kind, { namespace, labelSelector, resourceVersion, timeoutSeconds }, signal) {
      const query = {
        watch: "true",
        allowWatchBookmarks: "true",
        resourceVersion,
        timeoutSeconds: String(timeoutSeconds),
        ...(labelSelector !== undefined && { labelSelector }),
      };
      return openStream(line, { verb: "watch", kind, namespace, query }, signal);
    },
  };
}
