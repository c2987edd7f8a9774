import type { RequestEnded } from "../../domain/events.ts";
import type { Send } from "../../http/transport.ts";
import type { Clock } from "../../support/clock.ts";
import { type Log, silentLog } from "../../support/log.ts";
import type { Random } from "../../support/random.ts";
import { type CredentialSource, fixedCredential } from "../auth/credentials.ts";
import type { KubeObject } from "../port.ts";
import type { Kind, Target } from "./kind.ts";
import { type Listing, listPages } from "./list.ts";
import { RequestError } from "./request-error.ts";
import { openStream, type RequestOptions, sendRequest } from "./send-request.ts";
import { saysAbsent } from "./status.ts";
import { warningLog } from "./warnings.ts";

/** Names one object. */
export interface ObjectKey {
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
 * that pass; creations only when the server certainly did not act on them. Each method throws {@link RequestError} (or another
 * {@link KubernetesError} when there are no credentials), or the signal's reason.
 */
export interface KubeClient {
  /** Undefined when the server says that this object is not there. */
  get(kind: Kind, key: ObjectKey, signal: AbortSignal): Promise<KubeObject | undefined>;
  /** Everything that the selection holds, read page by page from one consistent state; `keep` trims each object at once. */
  list<T>(kind: Kind, selection: Selection, keep: (item: KubeObject) => T, signal: AbortSignal): Promise<Listing<T>>;
  /** Gives the object as the server stored it. */
  create(kind: Kind, namespace: string | undefined, object: KubeObject, signal: AbortSignal): Promise<KubeObject>;
  /** A JSON merge patch (RFC 7386). It must hold `metadata.resourceVersion`, which makes it a compare-and-swap and safe to repeat. */
  patch(kind: Kind, key: ObjectKey, patch: KubeObject, signal: AbortSignal): Promise<KubeObject>;
  /** `deleteOptions`: a DeleteOptions, with a uid as precondition, which makes it safe to repeat. */
  delete(kind: Kind, key: ObjectKey, deleteOptions: KubeObject, signal: AbortSignal): Promise<void>;
  /** Opens one watch connection with one sending and gives its raw text; see watch.ts for the whole of it. */
  watch(
    kind: Kind,
    selection: Selection & { readonly resourceVersion: string; readonly timeoutSeconds: number },
    signal: AbortSignal,
  ): Promise<AsyncIterable<string>>;
}

/** What a client works with. */
export interface ClientOptions {
  /** The API server's URL, with a path where it has one. */
  readonly server: string;
  readonly send: Send;
  readonly clock: Clock;
  readonly random: Random;
  /** Anonymous when absent. */
  readonly credentials?: CredentialSource;
  /** Gets the server's warnings. */
  readonly log?: Log;
  /** Hears of every request's end. Must not throw. */
  readonly onRequest?: (event: RequestEnded) => void;
}

/** A client over anything that answers HTTP requests: a real server, or a simulated one in memory. */
export function kubeClient(options: ClientOptions): KubeClient {
  const requestOptions: RequestOptions = { credentials: fixedCredential({}), onRequest: () => {}, ...options };
  const warn = warningLog(options.log ?? silentLog);
  const write = async (target: Target, body: KubeObject, signal: AbortSignal) => {
    const response = await sendRequest(requestOptions, { ...target, body }, signal);
    warn(target, response.headers);
    return response.body;
  };
  return {
    async get(kind, key, signal) {
      try {
        return (await sendRequest(requestOptions, { verb: "get", kind, ...key }, signal)).body;
      } catch (error) {
        if (error instanceof RequestError && saysAbsent(error.said, key.name)) return undefined;
        throw error;
      }
    },
    list: (kind, selection, keep, signal) => listPages(requestOptions, kind, { ...selection, keep }, signal),
    create: (kind, namespace, object, signal) => write({ verb: "create", kind, namespace }, object, signal),
    patch: (kind, key, patch, signal) => write({ verb: "patch", kind, ...key }, patch, signal),
    async delete(kind, key, deleteOptions, signal) {
      await write({ verb: "delete", kind, ...key }, deleteOptions, signal);
    },
    watch(kind, { namespace, labelSelector, resourceVersion, timeoutSeconds }, signal) {
      const query = {
        watch: "true",
        allowWatchBookmarks: "true",
        resourceVersion,
        timeoutSeconds: String(timeoutSeconds),
        ...(labelSelector !== undefined && { labelSelector }),
      };
      return openStream(requestOptions, { verb: "watch", kind, namespace, query }, signal);
    },
  };
}
