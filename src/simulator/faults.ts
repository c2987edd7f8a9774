import { type HttpRequest, type HttpResponse, type Send, TransportError, textResponse } from "../http/transport.ts";
import type { Clock } from "../support/clock.ts";
import type { Random } from "../support/random.ts";

/** What goes wrong with one request. Durations are world time. */
export type Fault =
  /** Nobody listens: the caller knows that nothing was sent. */
  | { readonly kind: "refused" }
  /** The request is lost on its way; the caller cannot know. */
  | { readonly kind: "lost-request" }
  /** The server acts, its reply is lost; the caller cannot know. */
  | { readonly kind: "lost-reply" }
  /** The caller loses the connection at once, the request arrives (and acts) later. */
  | { readonly kind: "late-request"; readonly afterMs: number }
  /** No reply, and the connection stays open until the caller gives up. */
  | { readonly kind: "hang"; readonly acts: "never" | "at-once" }
  /** A reply of something in between, before or after the server acted (429, 500, 502, 503, 504). */
  | {
      readonly kind: "status";
      readonly status: number;
      readonly acts: "never" | "at-once";
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** The request, the reply, or both take their time. */
  | { readonly kind: "slow"; readonly requestMs?: number; readonly replyMs?: number }
  /** The reply's body breaks off after so many characters. */
  | { readonly kind: "torn-body"; readonly afterCharacters: number }
  /** The reply is an empty list, and all is well with it. */
  | { readonly kind: "empty-list" }
  /** A reply of success, of the right shape, and nothing happened. For what changes or deletes. */
  | { readonly kind: "no-effect" }
  /** The reply comes from a replica that is behind: what was so some time ago, with today's date. Bitbucket's reads of runners only. */
  | { readonly kind: "stale"; readonly lagMs: number }
  /** The whole process stands still, before the request leaves, or when the reply has come and it has not seen it. */
  | { readonly kind: "pause"; readonly when: "before" | "after"; readonly ms: number }
  /** The calling process dies, before the request leaves or after the server acted: `crash` is called, and the call never returns. */
  | { readonly kind: "crash"; readonly when: "before" | "after"; crash(): void };

/** Chooses what goes wrong with the `index`-th request (from 0) that comes this way; undefined: nothing. */
export type ChooseFault = (request: HttpRequest, index: number) => Fault | undefined;

/**
 * A {@link Send} with faults and delays in between.
 *
 * @param options.latencyMs how long request and reply take together, drawn anew for each; half of it before the server acts.
 */
export function withFaults(
  send: Send,
  options: {
    readonly clock: Clock;
    readonly choose?: ChooseFault;
    readonly latencyMs?: () => number;
    /** Makes the calling process stand still. */
    readonly freeze?: (ms: number) => void;
  },
): Send {
  const { clock, choose, latencyMs, freeze } = options;
  let index = 0;
  return async (request) => {
    const fault = choose?.(request, index);
    index += 1;
    const halfMs = (latencyMs?.() ?? 0) / 2;
    if (fault?.kind === "pause") return standStill(fault, request, { send, clock, halfMs, freeze });
    if (halfMs > 0) await delay(clock, halfMs, request.signal);
    const reply = await suffer(fault, request, send, clock);
    if (halfMs > 0) await delay(clock, halfMs, request.signal);
    return reply;
  };
}

/** Chances, from 0 to 1, of each kind of fault; what they leave of 1 goes well. */
export interface FaultRates {
  readonly refused?: number;
  readonly lostRequest?: number;
  readonly lostReply?: number;
  /** Arrives up to 25 s later. */
  readonly lateRequest?: number;
  readonly hang?: number;
  /** 500, 502, 503 or 504, half of them after the server acted. */
  readonly serverError?: number;
  /** 429, never acted upon. */
  readonly tooManyRequests?: number;
  /** Up to 20 s. */
  readonly slow?: number;
  readonly tornBody?: number;
}

/** Faults by chance: the same random numbers give the same faults. Each request draws the same number of them. */
export function randomFaults(random: Random, rates: FaultRates): ChooseFault {
  return () => {
    let left = random.next();
    const detail = random.next();
    const acts = random.next() < 0.5 ? "never" : "at-once";
    const falls = (rate = 0) => {
      left -= rate;
      return left < 0;
    };
    if (falls(rates.refused)) return { kind: "refused" };
    if (falls(rates.lostRequest)) return { kind: "lost-request" };
    if (falls(rates.lostReply)) return { kind: "lost-reply" };
    if (falls(rates.lateRequest)) return { kind: "late-request", afterMs: detail * 25_000 };
    if (falls(rates.hang)) return { kind: "hang", acts };
    if (falls(rates.serverError)) {
      return { kind: "status", status: [500, 502, 503, 504][Math.floor(detail * 4)] ?? 500, acts };
    }
    if (falls(rates.tooManyRequests)) return { kind: "status", status: 429, acts: "never" };
    if (falls(rates.slow)) return { kind: "slow", requestMs: detail * 10_000, replyMs: detail * 10_000 };
    if (falls(rates.tornBody)) return { kind: "torn-body", afterCharacters: Math.floor(detail * 100) };
    return undefined;
  };
}

/** The first fault that any of several choosers wants; all of them see every request. */
export function firstFault(...choosers: readonly ChooseFault[]): ChooseFault {
  return (request, index) => {
    const wanted = choosers.map((choose) => choose(request, index));
    return wanted.find((fault) => fault !== undefined);
  };
}

/** The header by which a stale read asks the simulated Bitbucket for what was so some time ago: milliseconds. */
export const LAG_HEADER = "x-simulated-lag";

interface StandingStill {
  readonly send: Send;
  readonly clock: Clock;
  readonly halfMs: number;
  readonly freeze: ((ms: number) => void) | undefined;
}

async function standStill(
  { when, ms }: Fault & { readonly kind: "pause" },
  request: HttpRequest,
  { send, clock, halfMs, freeze }: StandingStill,
): Promise<HttpResponse> {
  const { signal: _, ...unstoppable } = request;
  if (when === "before") {
    freeze?.(ms);
    await clock.sleep(ms);
  }
  await clock.sleep(halfMs);
  const reply = await send(unstoppable);
  await clock.sleep(halfMs);
  if (when === "after") {
    freeze?.(ms);
    await clock.sleep(ms);
  }
  return reply;
}

async function suffer(fault: Fault | undefined, request: HttpRequest, send: Send, clock: Clock): Promise<HttpResponse> {
  // What is on its way cannot be called back: a caller that gives up does not keep the server from acting.
  const { signal, ...unstoppable } = request;
  switch (fault?.kind) {
    case undefined:
      return send(request);
    case "refused":
      throw new TransportError("connection refused (simulated)", "no");
    case "lost-request":
      throw new TransportError("connection lost (simulated)", "maybe");
    case "lost-reply":
      await send(unstoppable);
      throw new TransportError("connection lost (simulated)", "maybe");
    case "late-request":
      void arriveLate(fault.afterMs, unstoppable, send, clock);
      throw new TransportError("connection lost (simulated)", "maybe");
    case "hang":
      if (fault.acts === "at-once") await send(unstoppable);
      return untilAborted(signal);
    case "status": {
      if (fault.acts === "at-once") await send(unstoppable);
      const headers = { ...dated(clock, "text/plain"), ...fault.headers };
      return textResponse(fault.status, headers, fault.body ?? `Status ${fault.status} (simulated)`);
    }
    case "slow": {
      await delay(clock, fault.requestMs ?? 0, signal);
      const reply = await send(unstoppable);
      await delay(clock, fault.replyMs ?? 0, signal);
      return reply;
    }
    case "torn-body": {
      const reply = await send(request);
      return { ...reply, body: torn(reply.body, fault.afterCharacters) };
    }
    case "empty-list": {
      await send(unstoppable);
      return textResponse(200, dated(clock, "application/json"), JSON.stringify(EMPTY_LIST));
    }
    case "no-effect":
      return textResponse(200, dated(clock, "application/json"), request.body ?? "{}");
    case "stale":
      return send({ ...request, headers: { ...request.headers, [LAG_HEADER]: String(fault.lagMs) } });
    case "pause":
      return send(request);
    case "crash":
      if (fault.when === "after") await send(unstoppable);
      fault.crash();
      return new Promise(() => undefined);
  }
}

/** Of either server: each reads its own part of it. */
const EMPTY_LIST = { values: [], items: [], metadata: { resourceVersion: "1" }, kind: "List", apiVersion: "v1" };

function dated(clock: Clock, contentType: string): Readonly<Record<string, string>> {
  return { date: new Date(clock.now()).toUTCString(), "content-type": contentType };
}

async function arriveLate(afterMs: number, request: HttpRequest, send: Send, clock: Clock): Promise<void> {
  await clock.sleep(afterMs);
  try {
    await send(request);
  } catch {
    // Nobody waits for the answer any more.
  }
}

async function delay(clock: Clock, ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await clock.sleep(ms, signal);
  } catch (cause) {
    throw new TransportError("aborted while waiting (simulated)", "maybe", { cause });
  }
}

function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    const abort = () => {
      reject(new TransportError("aborted while waiting (simulated)", "maybe", { cause: signal?.reason }));
    };
    if (signal?.aborted) return abort();
    signal?.addEventListener("abort", abort, { once: true });
  });
}

async function* torn(body: AsyncIterable<string>, afterCharacters: number): AsyncIterable<string> {
  let left = afterCharacters;
  for await (const piece of body) {
    if (left > 0) yield piece.slice(0, left);
    left -= piece.length;
    if (left < 0) break;
  }
  throw new TransportError("connection lost inside a body (simulated)", "maybe");
}
