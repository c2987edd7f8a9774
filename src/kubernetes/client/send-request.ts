import { type HttpResponse, readText, type Send } from "../../http/transport.ts";
import { BackOff } from "../../support/back-off.ts";
import { type Clock, reasonOf } from "../../support/clock.ts";
import { withDeadline } from "../../support/deadline.ts";
import { isObject } from "../../support/json.ts";
import type { Random } from "../../support/random.ts";
import type { Credentials, Proof } from "../auth/credentials.ts";
import { KubernetesError } from "../errors.ts";
import type { KubeObject } from "../port.ts";
import { noReply, refusal } from "./failures.ts";
import { pathOf, type Target, type Verb } from "./kind.ts";
import { CallError } from "./request-error.ts";
import { parseJson } from "./status.ts";

/** How calls reach a server. */
export interface Line {
  /** The API server's URL, with a path where it has one. */
  readonly server: string;
  readonly send: Send;
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly random: Random;
  /** Told of every reply, and of every failure to get one. */
  readonly onRequest: (request: RequestFacts) => void;
}

/** One request, for metrics. */
export interface RequestFacts {
  readonly verb: Verb;
  readonly resource: string;
  /** Undefined when no reply came. */
  readonly status: number | undefined;
  /** World time until the reply's head. */
  readonly durationMs: number;
}

/** One call on its way. */
export interface Call extends Target {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: KubeObject;
}

/** A success. */
export interface Reply {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: KubeObject;
}

/** How long one sending may take, its reply included. */
const DEADLINE_MS = 30_000;
/** No sending begins later than this after the first. */
const PATIENCE_MS = 60_000;
const MOST_SENDINGS = 4;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Sends a call until it has an answer: again after failures that pass, a bounded number of times. A creation is sent again only when the
 * server certainly did not act on it. The other verbs are safe to repeat: patches name the version and deletions the uid that they mean.
 *
 * @throws {CallError} when it was refused or no answer came. @throws {KubernetesError} without credentials. @throws the signal's reason.
 */
export async function exchange(line: Line, call: Call, signal: AbortSignal): Promise<Reply> {
  const { clock, random } = line;
  const begunAt = clock.now();
  const pauses = new BackOff(clock, random, LONGEST_PAUSE_MS);
  let mayHaveActed = false;
  for (let sending = 1; ; sending += 1) {
    try {
      return await withDeadline(clock, DEADLINE_MS, signal, (inner) => sendWhole(line, call, inner));
    } catch (cause) {
      const error = failureOf(line, call, cause, signal);
      if (!(error instanceof CallError)) throw error;
      const pauseMs = Math.max(error.retryAfterMs, pauses.fail(FIRST_PAUSE_MS));
      const inTime = sending < MOST_SENDINGS && clock.now() + pauseMs - begunAt <= PATIENCE_MS;
      if (!inTime || !mayRepeat(call, error)) throw mayHaveActed ? error.asPossibleEcho() : error;
      mayHaveActed ||= error.outcome === "unknown";
      await clock.sleep(pauseMs, signal);
    }
  }
}

/**
 * Opens a stream with one sending; the caller bounds its life with the signal.
 *
 * @throws as {@link exchange} does.
 */
export async function openStream(line: Line, call: Call, signal: AbortSignal): Promise<AsyncIterable<string>> {
  try {
    return (await sendAccepted(line, call, signal)).body;
  } catch (cause) {
    throw failureOf(line, call, cause, signal);
  }
}

function mayRepeat({ verb }: Call, { transient, outcome }: CallError): boolean {
  return transient && (verb !== "create" || outcome === "refused");
}

function failureOf(line: Line, call: Call, cause: unknown, signal: AbortSignal): Error {
  if (signal.aborted) return reasonOf(signal);
  return cause instanceof KubernetesError ? cause : noReply(call, line.server, cause);
}

async function sendWhole(line: Line, call: Call, signal: AbortSignal): Promise<Reply> {
  const response = await sendAccepted(line, call, signal);
  const body = parseJson(await readText(response));
  if (!isObject(body)) throw new Error("the reply is not a JSON object");
  return { headers: response.headers, body };
}

/** The reply's head, when it is a success. A server that does not know the credentials is asked once more with new ones. */
async function sendAccepted(line: Line, call: Call, signal: AbortSignal): Promise<HttpResponse> {
  const proof = await line.credentials.current(signal);
  let response = await sendOnce(line, call, proof, signal);
  if (response.status === 401) {
    await readText(response);
    line.credentials.refused(proof);
    response = await sendOnce(line, call, await line.credentials.current(signal), signal);
  }
  if (response.status >= 200 && response.status < 300) return response;
  throw refusal(call, response.status, response.headers, parseJson(await readText(response)));
}

async function sendOnce(line: Line, call: Call, { token }: Proof, signal: AbortSignal): Promise<HttpResponse> {
  const begunAt = line.clock.now();
  const tell = (status: number | undefined) =>
    line.onRequest({ verb: call.verb, resource: call.kind.resource, status, durationMs: line.clock.now() - begunAt });
  try {
    const response = await line.send({
      method: METHODS[call.verb],
      url: urlOf(line.server, call),
      headers: {
        "user-agent": "runners-autoscaler",
        accept: acceptOf(call),
        ...(token && { authorization: `Bearer ${token.reveal()}` }),
        ...(call.body && {
          "content-type": call.verb === "patch" ? "application/merge-patch+json" : "application/json",
        }),
      },
      ...(call.body && { body: JSON.stringify(call.body) }),
      signal,
    });
    tell(response.status);
    return response;
  } catch (cause) {
    tell(undefined);
    throw cause;
  }
}

const METHODS = { get: "GET", list: "GET", watch: "GET", create: "POST", patch: "PATCH", delete: "DELETE" } as const;

function urlOf(server: string, call: Call): string {
  const query = new URLSearchParams(call.query).toString();
  return `${server.replace(/\/+$/, "")}${pathOf(call)}${query === "" ? "" : `?${query}`}`;
}

/** Content negotiation: https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches */
function acceptOf({ kind, verb }: Call): string {
  if (kind.view === "object") return "application/json";
  return `application/json;as=PartialObjectMetadata${verb === "list" ? "List" : ""};g=meta.k8s.io;v=v1`;
}
