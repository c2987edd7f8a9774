import {
  type HttpRequest,
  type HttpResponse,
  type Send,
  TransportError,
  textResponse,
} from "../../src/http/transport.ts";
import { type ClientOptions, type KubeClient, kubeClient } from "../../src/kubernetes/client/client.ts";
import type { Clock } from "../../src/support/clock.ts";
import type { Log, LogFields } from "../../src/support/log.ts";
import { seededRandom } from "../../src/support/random.ts";
import { keptLog } from "./kept-log.ts";

/** How a scripted server meets one request. */
export type Answer = (request: HttpRequest) => HttpResponse | Promise<HttpResponse>;

export function json(value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Answer {
  return () => textResponse(status, { "content-type": "application/json", ...headers }, JSON.stringify(value));
}

/** A Status, as an API server words it. */
export function refusing(
  code: number,
  reason: string,
  more: Readonly<Record<string, unknown>> = {},
  headers = {},
): Answer {
  const status = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message: "no", reason, code };
  return json({ ...status, ...more }, code, headers);
}

export function notFound(name: string): Answer {
  return refusing(404, "NotFound", { message: `"${name}" not found`, details: { name } });
}

/** Takes the request and never answers. */
export const silence: Answer = () => new Promise(() => {});

/** The connection breaks after the request may have arrived. */
export const dropped: Answer = () => Promise.reject(new TransportError("GET server: other side closed", "maybe"));

/** Nobody listens. */
export const unreachable: Answer = () => Promise.reject(new TransportError("connect ECONNREFUSED", "no"));

/** A stream whose pieces are given one after the other and which then ends, breaks or stays open. */
export function streaming(pieces: readonly string[], then: "ends" | "breaks" | "stays open" = "ends"): Answer {
  return () => ({
    status: 200,
    headers: {},
    body: (async function* () {
      yield* pieces;
      if (then === "breaks") throw new TransportError("reading from server: other side closed", "maybe");
      if (then === "stays open") await new Promise(() => {});
    })(),
  });
}

/** One watch event's line. */
export function event(type: string, object: unknown): string {
  return `${JSON.stringify({ type, object })}\n`;
}

/** A clock whose time passes when it is told to. */
interface TestClock extends Clock {
  advance(ms: number): Promise<void>;
}

/** A client whose server answers by a script. */
export interface ScriptedKubernetes {
  readonly client: KubeClient;
  readonly clock: TestClock;
  /** What arrived, in order. */
  readonly requests: readonly HttpRequest[];
  /** When each of them arrived, from the start on. */
  readonly arrivals: readonly number[];
  readonly logged: readonly (readonly [level: string, message: string, fields: LogFields])[];
  readonly log: Log;
  /** Lets time pass until the promise settles, and gives its outcome. */
  readonly settle: <T>(promise: Promise<T>) => Promise<T>;
}

/** Answers the first request with the first answer and so on; the last one also meets all that follow. */
export function scriptedKubernetes(
  clock: TestClock,
  answers: readonly Answer[],
  parts: Partial<ClientOptions> = {},
): ScriptedKubernetes {
  const requests: HttpRequest[] = [];
  const arrivals: number[] = [];
  const send: Send = async (request) => {
    requests.push(request);
    arrivals.push(clock.now());
    const answer = answers[Math.min(requests.length, answers.length) - 1];
    if (answer === undefined) throw new Error("the script has no answer");
    return answer(request);
  };
  const { log, logged } = keptLog();
  const client = kubeClient({ server: "https://kube.example", send, clock, random: seededRandom(1), log, ...parts });
  const settle = async <T>(promise: Promise<T>): Promise<T> => {
    let settled = false;
    const done = () => {
      settled = true;
    };
    promise.then(done, done);
    for (let i = 0; i < 1_000 && !settled; i += 1) await clock.advance(1_000);
    return promise;
  };
  return { client, clock, requests, arrivals, logged, log, settle };
}
