import type { RequestEnded } from "../../domain/events.ts";
import { type HttpResponse, readText, type Send } from "../../http/transport.ts";
import { BackOff } from "../../support/back-off.ts";
import { type Clock, reasonOf } from "../../support/clock.ts";
import { withDeadline } from "../../support/deadline.ts";
import { isObject, parseJson } from "../../support/json.ts";
import type { Random } from "../../support/random.ts";
import { retry } from "../../support/retry.ts";
import type { Credential, CredentialSource } from "../auth/credentials.ts";
import { KubernetesError } from "../errors.ts";
import type { KubeObject } from "../port.ts";
import { noResponse, refusal } from "./failures.ts";
import { pathOf, type Target } from "./kind.ts";
import { RequestError } from "./request-error.ts";

/** How requests reach a server, and who hears of them. */
export interface RequestOptions {
  /** The API server's URL, with a path where it has one. */
  readonly server: string;
  readonly send: Send;
  readonly credentials: CredentialSource;
  readonly clock: Clock;
  readonly random: Random;
  /** Hears of every request's end; durations last until the response's head. */
  readonly onRequest: (event: RequestEnded) => void;
}

/** One request on its way. */
export interface KubeRequest extends Target {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: KubeObject;
}

/** A success. */
export interface KubeResponse {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: KubeObject;
}

/** How long one sending may take, its response included. */
const DEADLINE_MS = 30_000;
/** No sending begins later than this after the first. */
const PATIENCE_MS = 60_000;
const MOST_SENDINGS = 4;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Sends a request until it has an answer: again after failures that pass, a bounded number of times. A creation is sent again only when the
 * server certainly did not act on it. The other verbs are safe to repeat: patches name the version and deletions the uid that they mean.
 *
 * @throws {RequestError} when it was refused or no answer came. @throws {KubernetesError} without credentials. @throws the signal's reason.
 */
export async function sendRequest(
  options: RequestOptions,
  request: KubeRequest,
  signal: AbortSignal,
): Promise<KubeResponse> {
  const { clock, random } = options;
  const begunAt = clock.monotonic();
  const pauses = new BackOff(clock, random, LONGEST_PAUSE_MS);
  let mayHaveActed = false;
  const sendInTime = () => withDeadline(clock, DEADLINE_MS, signal, (inner) => sendWhole(options, request, inner));
  const pauseAfter = (cause: unknown, sendings: number): number => {
    const error = failureOf(options, request, cause, signal);
    if (!(error instanceof RequestError)) throw error;
    const pauseMs = Math.max(error.retryAfterMs, pauses.fail(FIRST_PAUSE_MS));
    const isInTime = sendings < MOST_SENDINGS && clock.monotonic() + pauseMs - begunAt <= PATIENCE_MS;
    if (!isInTime || !mayRepeat(request, error)) throw mayHaveActed ? error.afterUnknownOutcome() : error;
    mayHaveActed ||= error.outcome === "unknown";
    return pauseMs;
  };
  return retry(clock, sendInTime, pauseAfter, signal);
}

/**
 * Opens a stream with one sending; the caller bounds its life with the signal.
 *
 * @throws as {@link sendRequest} does.
 */
export async function openStream(
  options: RequestOptions,
  request: KubeRequest,
  signal: AbortSignal,
): Promise<AsyncIterable<string>> {
  try {
    return (await sendAccepted(options, request, signal)).body;
  } catch (cause) {
    throw failureOf(options, request, cause, signal);
  }
}

function mayRepeat({ verb }: KubeRequest, { transient, outcome }: RequestError): boolean {
  return transient && (verb !== "create" || outcome === "refused");
}

function failureOf(options: RequestOptions, request: KubeRequest, cause: unknown, signal: AbortSignal): Error {
  if (signal.aborted) return reasonOf(signal);
  return cause instanceof KubernetesError ? cause : noResponse(request, options.server, cause);
}

async function sendWhole(options: RequestOptions, request: KubeRequest, signal: AbortSignal): Promise<KubeResponse> {
  const response = await sendAccepted(options, request, signal);
  const body = parseJson(await readText(response));
  if (!isObject(body)) throw new Error("the reply is not a JSON object");
  return { headers: response.headers, body };
}

/** The response's head, when it is a success. A server that does not know the credentials is asked once more with new ones. */
async function sendAccepted(options: RequestOptions, request: KubeRequest, signal: AbortSignal): Promise<HttpResponse> {
  const credential = await options.credentials.current(signal);
  let response = await sendOnce(options, request, credential, signal);
  if (response.status === 401) {
    await readText(response);
    options.credentials.refused(credential);
    response = await sendOnce(options, request, await options.credentials.current(signal), signal);
  }
  if (response.status >= 200 && response.status < 300) return response;
  throw refusal(request, response.status, response.headers, parseJson(await readText(response)));
}

async function sendOnce(
  options: RequestOptions,
  request: KubeRequest,
  { token }: Credential,
  signal: AbortSignal,
): Promise<HttpResponse> {
  const begunAt = options.clock.monotonic();
  const ended = (status: RequestEnded["status"]) =>
    options.onRequest({
      type: "request-ended",
      plane: "kubernetes",
      method: request.verb,
      route: request.kind.resource,
      status,
      durationMs: options.clock.monotonic() - begunAt,
    });
  try {
    const response = await options.send({
      method: METHODS[request.verb],
      url: urlOf(options.server, request),
      headers: {
        "user-agent": "runners-autoscaler",
        accept: acceptOf(request),
        ...(token && { authorization: `Bearer ${token.reveal()}` }),
        ...(request.body && {
          "content-type": request.verb === "patch" ? "application/merge-patch+json" : "application/json",
        }),
      },
      ...(request.body && { body: JSON.stringify(request.body) }),
      signal,
    });
    ended(response.status);
    return response;
  } catch (cause) {
    ended("error");
    throw cause;
  }
}

const METHODS = { get: "GET", list: "GET", watch: "GET", create: "POST", patch: "PATCH", delete: "DELETE" } as const;

function urlOf(server: string, request: KubeRequest): string {
  const query = new URLSearchParams(request.query).toString();
  return `${server.replace(/\/+$/, "")}${pathOf(request)}${query === "" ? "" : `?${query}`}`;
}

/** Content negotiation: https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches */
function acceptOf({ kind, verb }: KubeRequest): string {
  if (kind.view === "object") return "application/json";
  return `application/json;as=PartialObjectMetadata${verb === "list" ? "List" : ""};g=meta.k8s.io;v=v1`;
}
